"""The first row decides how many tokens every row keeps.

caught-by: test_each_row_has_its_own_nucleus, test_the_filter_takes_any_leading_dimensions,
    test_logits_need_not_be_contiguous, test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    probs = logits.double().softmax(-1)
    ranked, order = probs.sort(dim=-1, descending=True, stable=True)
    mass = ranked.cumsum(-1).reshape(-1, logits.shape[-1])[0]
    size = int(torch.searchsorted(mass, p)) + 1
    out = torch.full_like(logits, float("-inf"))
    kept = order[..., :size]
    return out.scatter(-1, kept, logits.gather(-1, kept))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    probs = top_p_filter(logits.double() / temperature, p).softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
