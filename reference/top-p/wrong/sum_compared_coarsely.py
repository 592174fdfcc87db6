"""The sum is compared with p too coarsely: a token that is needed is cut.

caught-by: test_a_p_close_to_one_keeps_what_it_needs
explained-by: top-p-shift
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
    outside[..., 1:] = cum[..., :-1] >= p - 1e-4
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
