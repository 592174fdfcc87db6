"""The filter does not check p, only the draw does.

caught-by: test_the_filter_refuses_a_p_outside_of_zero_to_one
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if p == 1:
        return logits.clone()
    probs = torch.softmax(logits.float(), dim=-1)
    ranked, order = torch.sort(probs, dim=-1, descending=True, stable=True)
    before = ranked.cumsum(dim=-1) - ranked
    outside = torch.zeros_like(probs, dtype=torch.bool).scatter(-1, order, before >= p)
    return logits.masked_fill(outside, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    if not 0 < p <= 1:
        raise ValueError(p)
    filtered = top_p_filter(logits.float() / temperature, p)
    probs = torch.softmax(filtered, dim=-1)
    rows = probs.reshape(-1, probs.shape[-1])
    tokens = torch.multinomial(rows, 1, generator=generator)
    return tokens.reshape(logits.shape[:-1])
