"""Reaching p exactly keeps one token too many.

caught-by: test_reaching_p_exactly_is_enough
explained-by: top-p-shift
"""

import torch
import torch.nn.functional as F


def top_p_filter(logits, p):
    if p <= 0 or p > 1:
        raise ValueError("top-p needs 0 < p <= 1")
    if p == 1.0:
        return logits.clone()
    sorted_logits, sorted_indices = torch.sort(logits, dim=-1, descending=True, stable=True)
    cumulative = F.softmax(sorted_logits.float(), dim=-1).cumsum(dim=-1)
    to_remove = cumulative > p
    to_remove[..., 1:] = to_remove[..., :-1].clone()
    to_remove[..., 0] = False
    mask = torch.zeros_like(to_remove)
    mask.scatter_(-1, sorted_indices, to_remove)
    return logits.masked_fill(mask, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    filtered = top_p_filter(logits / temperature, p)
    probs = F.softmax(filtered.float(), dim=-1)
    flat = torch.multinomial(probs.reshape(-1, probs.size(-1)), 1, generator=generator)
    return flat.reshape(probs.shape[:-1])
