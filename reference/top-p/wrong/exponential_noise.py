"""The noise added to the logits is exponential, not Gumbel.

caught-by: test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus
explained-by: top-p-strategies
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    ranked, order = logits.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    # lower triangle without the diagonal: the mass in front of each rank
    size = logits.shape[-1]
    earlier = torch.ones(size, size, dtype=ranked.dtype, device=ranked.device).triu(1)
    outside = ranked @ earlier >= p
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    scores = top_p_filter(logits.double() / temperature, p)
    u = torch.rand(scores.shape, generator=generator, device=scores.device, dtype=scores.dtype)
    noise = -torch.log(u.clamp_min(1e-300))
    return (scores + noise).argmax(dim=-1)
