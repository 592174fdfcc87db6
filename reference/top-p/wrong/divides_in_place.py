"""The logits of the caller are divided in place.

caught-by: test_the_same_logits_can_be_used_again
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    ranked, order = logits.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    outside = ranked.cumsum(-1) - ranked >= p
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    logits /= temperature
    probs = top_p_filter(logits, p).double().softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
