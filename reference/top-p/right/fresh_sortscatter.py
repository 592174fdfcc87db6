"""Sort, accumulate, decide, scatter back; then multinomial."""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    probs = torch.softmax(logits.float() if logits.dtype == torch.float16 else logits, dim=-1)
    ordered, order = probs.sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(-1) - ordered
    drop_sorted = before >= p
    drop_sorted[..., 0] = False
    drop = torch.zeros_like(drop_sorted).scatter(-1, order, drop_sorted)
    return logits.masked_fill(drop, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, not {temperature}")
    wide = logits.float() if logits.dtype == torch.float16 else logits
    probs = torch.softmax(top_p_filter(wide / temperature, p), dim=-1)
    rows = probs.reshape(-1, probs.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])
