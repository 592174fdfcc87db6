"""exp() of the bare logits overflows.

caught-by: test_large_logits_do_not_overflow
explained-by: top-p-precision
"""

import torch


def _probs(scores):
    weights = torch.exp(scores.double())
    return weights / weights.sum(dim=-1, keepdim=True)


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    ranked = _probs(logits).gather(-1, order)
    outside = ranked.cumsum(-1) - ranked >= p
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    probs = _probs(top_p_filter(logits / temperature, p))
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
