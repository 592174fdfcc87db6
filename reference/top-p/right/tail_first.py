"""The tail is summed up from its end; one row after the other; searchsorted draws."""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if logits.dim() > 1:
        return torch.stack([top_p_filter(row, p) for row in logits])
    if p == 1:
        return logits.clone()
    # turned round, so that of a tie the highest index leaves first
    order = logits.flip(0).argsort(stable=True)
    tail = logits.flip(0)[order].softmax(0, dtype=torch.float32).cumsum(0)
    leaves = order[:-1][tail[:-1] <= 1 - p]
    kept = logits.clone()
    kept[len(logits) - 1 - leaves] = -torch.inf
    return kept


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature")
    scaled = logits.double() / temperature
    total = top_p_filter(scaled, p).softmax(-1).cumsum(-1)
    shape = (*total.shape[:-1], 1)
    numbers = torch.rand(shape, generator=generator, dtype=total.dtype, device=total.device)
    return torch.searchsorted(total, numbers * total[..., -1:], right=True).squeeze(-1)
