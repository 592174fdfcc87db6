"""The same random numbers decide for all rows.

caught-by: test_each_row_draws_for_itself, test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus, test_logits_of_minus_infinity_stay_out
explained-by: top-p-generator
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    probs = logits.double().softmax(-1)
    order = (-probs).argsort(dim=-1, stable=True)
    ranked = torch.take_along_dim(probs, order, dim=-1)
    before = ranked.cumsum(-1) - ranked
    before = torch.empty_like(before).scatter_(-1, order, before)
    return torch.where(before < p, logits, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    cdf = top_p_filter(logits.double() / temperature, p).softmax(-1).cumsum(-1)
    u = torch.rand(1, generator=generator, device=cdf.device, dtype=cdf.dtype)
    return (cdf <= u * cdf[..., -1:]).sum(-1)
