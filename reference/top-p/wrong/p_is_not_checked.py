"""p is not checked at all.

caught-by: test_the_filter_refuses_a_p_outside_of_zero_to_one,
  test_the_draw_refuses_a_p_outside_of_zero_to_one
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if p == 1:
        return logits.clone()
    best_first, order = torch.sort(logits, dim=-1, descending=True, stable=True)
    probs = torch.softmax(best_first, dim=-1, dtype=torch.float32)
    before = probs.cumsum(-1) - probs
    best_first = torch.where(before < p, best_first, -torch.inf)
    return torch.empty_like(logits).scatter_(-1, order, best_first)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    scores = top_p_filter(logits.float() / temperature, p)
    noise = torch.empty_like(scores).exponential_(generator=generator)
    return torch.argmax(scores - noise.log(), dim=-1)
