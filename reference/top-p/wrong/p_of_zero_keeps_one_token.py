"""p = 0 keeps one token instead of raising.

caught-by: test_the_filter_refuses_a_p_outside_of_zero_to_one,
  test_the_draw_refuses_a_p_outside_of_zero_to_one
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if p < 0 or p > 1:
        raise ValueError("p must be between 0 and 1")
    if p == 1:
        return logits.clone()
    ranked, order = logits.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    outside = ranked.cumsum(-1) - ranked >= p
    outside[..., 0] = False
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    probs = top_p_filter(logits.double() / temperature, p).softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
