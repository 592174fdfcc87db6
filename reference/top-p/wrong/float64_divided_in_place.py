"""A conversion to float64 does not copy float64 logits: they are divided in place.

caught-by: test_the_same_logits_can_be_used_again
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p has to be in (0, 1]")
    if p == 1:
        return logits.clone()
    x = logits if logits.dtype == torch.float64 else logits.float()
    order = x.argsort(dim=-1, descending=True, stable=True)
    probs = x.softmax(dim=-1).gather(-1, order)
    cum = probs.cumsum(dim=-1)
    outside = torch.zeros_like(cum, dtype=torch.bool)
    outside[..., 1:] = cum[..., :-1] >= p
    outside = torch.zeros_like(outside).scatter(-1, order, outside)
    return logits.masked_fill(outside, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature has to be above 0")
    x = logits.double()
    x.div_(temperature)
    x = top_p_filter(x, p)
    probs = x.softmax(dim=-1)
    rows = probs.reshape(-1, probs.shape[-1])
    tokens = torch.multinomial(rows, 1, generator=generator)
    return tokens.reshape(logits.shape[:-1])
