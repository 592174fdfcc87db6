"""The default temperature is 0.7, not 1.

caught-by: test_tokens_come_with_the_probabilities_of_the_nucleus
explained-by: top-p-temperature
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p has to be above 0 and at most 1, not {p}")
    if p == 1:
        return logits.clone()
    ordered, index = torch.sort(logits, dim=-1, descending=True, stable=True)
    probs = ordered.double().softmax(dim=-1)
    before = probs.cumsum(dim=-1) - probs
    before[..., 0] = 0.0
    cut = torch.zeros_like(before, dtype=torch.bool).scatter(-1, index, before >= p)
    return logits.masked_fill(cut, -torch.inf)


def sample_top_p(logits, p, temperature=0.7, generator=None):
    if temperature <= 0:
        raise ValueError(f"temperature has to be above 0, not {temperature}")
    probs = top_p_filter(logits.double() / temperature, p).softmax(dim=-1)
    flat = probs.reshape(-1, probs.shape[-1])
    return torch.multinomial(flat, 1, generator=generator).reshape(logits.shape[:-1])
