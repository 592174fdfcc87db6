"""A temperature of 0 means greedy instead of an error.

caught-by: test_a_temperature_of_zero_is_refused
explained-by: top-p-temperature
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    ranked, order = torch.sort(logits.float().softmax(-1), dim=-1, descending=True, stable=True)
    outside = torch.zeros_like(ranked, dtype=torch.bool)
    outside[..., 1:] = ranked.cumsum(-1)[..., :-1] >= p
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        return logits.argmax(dim=-1)
    probs = top_p_filter(logits.float() / temperature, p).softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
