"""p above 1 switches the filter off instead of raising.

caught-by: test_the_filter_refuses_a_p_outside_of_zero_to_one,
  test_the_draw_refuses_a_p_outside_of_zero_to_one
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if p >= 1.0:
        return logits.clone()
    if p <= 0.0:
        raise ValueError("p must be above 0")
    ranked, order = logits.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    outside = ranked.cumsum(-1) - ranked >= p
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    scores = logits.double() / temperature
    if p < 1.0:
        scores = top_p_filter(scores, p)
    rows = scores.softmax(-1).reshape(-1, scores.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])
