"""With p = 1 the temperature is skipped.

caught-by: test_a_low_temperature_narrows_the_nucleus
explained-by: top-p-temperature
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], got {p}")
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
    filtered = logits.float() if p == 1 else top_p_filter(logits.float() / temperature, p)
    probs = torch.softmax(filtered, dim=-1)
    rows = probs.reshape(-1, probs.shape[-1])
    tokens = torch.multinomial(rows, 1, generator=generator)
    return tokens.reshape(logits.shape[:-1])
