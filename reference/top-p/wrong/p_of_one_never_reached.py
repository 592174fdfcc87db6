"""With p = 1 the sum never gets there and only one token is left.

caught-by: test_p_of_one_changes_nothing
explained-by: top-p-precision
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p outside of (0, 1]")
    values, tokens = torch.sort(logits, dim=-1, descending=True, stable=True)
    reached = torch.softmax(values.float(), dim=-1).cumsum(-1) >= p
    last = reached.int().argmax(dim=-1, keepdim=True)  # the first rank that reaches p
    rank = torch.arange(logits.shape[-1], device=logits.device)
    kept = torch.full_like(logits, float("-inf"))
    return kept.scatter(-1, tokens, values.masked_fill(rank > last, float("-inf")))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature at or below zero")
    scores = top_p_filter(logits.float() / temperature, p)
    noise = torch.empty_like(scores).exponential_(generator=generator)
    return (scores - noise.log()).argmax(dim=-1)
