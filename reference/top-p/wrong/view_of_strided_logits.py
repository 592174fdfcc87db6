"""view() refuses logits that are not contiguous.

caught-by: test_logits_need_not_be_contiguous
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    rows = logits.view(-1, logits.shape[-1])
    ranked, order = rows.double().softmax(1).sort(dim=1, descending=True, stable=True)
    outside = ranked.cumsum(1) - ranked >= p
    rows = rows.masked_fill(outside.scatter(1, order, outside), float("-inf"))
    return rows.view(logits.shape)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    rows = logits.view(-1, logits.shape[-1]).double()
    probs = top_p_filter(rows / temperature, p).softmax(1)
    return torch.multinomial(probs, 1, generator=generator).view(logits.shape[:-1])
