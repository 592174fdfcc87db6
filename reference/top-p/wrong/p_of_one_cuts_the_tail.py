"""With p = 1 the rounded sum cuts the tail off.

caught-by: test_p_of_one_changes_nothing
explained-by: top-p-precision
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p outside of (0, 1]")
    values, tokens = torch.sort(logits, dim=-1, descending=True, stable=True)
    probs = values.to(torch.float64).softmax(-1)
    outside = probs.cumsum(-1) - probs >= p
    outside = outside.scatter(-1, tokens, outside)
    return logits.masked_fill(outside, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature at or below zero")
    nucleus = top_p_filter(logits.to(torch.float64) / temperature, p)
    rows = nucleus.softmax(-1).flatten(0, -2) if nucleus.dim() > 1 else nucleus.softmax(-1)[None]
    return torch.multinomial(rows, 1, generator=generator).reshape(nucleus.shape[:-1])
