"""The rounded sum never reaches a p just below 1, and one token is left.

caught-by: test_a_p_close_to_one_keeps_what_it_needs
explained-by: top-p-precision
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
    last = (cum >= p).int().argmax(-1, keepdim=True)
    outside = torch.arange(cum.shape[-1], device=cum.device) > last
    outside = torch.zeros_like(outside).scatter(-1, order, outside)
    return logits.masked_fill(outside, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature has to be above 0")
    x = logits if logits.dtype == torch.float64 else logits.float()
    x = top_p_filter(x / temperature, p)
    probs = x.softmax(dim=-1)
    rows = probs.reshape(-1, probs.shape[-1])
    tokens = torch.multinomial(rows, 1, generator=generator)
    return tokens.reshape(logits.shape[:-1])
