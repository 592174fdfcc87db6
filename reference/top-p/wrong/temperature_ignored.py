"""The temperature has no effect.

caught-by: test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus
explained-by: top-p-temperature
"""

import torch


def top_p_filter(logits, p):
    if p > 1 or p <= 0:
        raise ValueError(f"expected 0 < p <= 1 and got {p}")
    if p == 1:
        return logits.clone()
    kept = torch.full_like(logits, float("-inf"))
    best_first, tokens = logits.sort(dim=-1, descending=True, stable=True)
    reached = best_first.double().softmax(dim=-1).cumsum(dim=-1)
    last = torch.searchsorted(reached, torch.full_like(reached[..., :1], p))
    rank = torch.arange(logits.shape[-1], device=logits.device)
    best_first = best_first.masked_fill(rank > last, float("-inf"))
    return kept.scatter_(-1, tokens, best_first)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"expected a temperature above 0 and got {temperature}")
    scores = top_p_filter(logits.double(), p)
    u = torch.rand(scores.shape, generator=generator, dtype=torch.float64, device=scores.device)
    gumbel = -(-u.clamp_min(1e-300).log()).log()
    return (scores + gumbel).max(dim=-1).indices
