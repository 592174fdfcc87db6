"""The draw does not check p, only the filter does.

caught-by: test_the_draw_refuses_a_p_outside_of_zero_to_one
explained-by: top-p-contract
"""

import torch


def _ranked(logits, p):
    """Probabilities by rank (zero outside of the nucleus) and the tokens by rank."""
    order = torch.argsort(-logits.double(), dim=-1, stable=True)
    probs = torch.softmax(logits.double(), dim=-1).gather(-1, order)
    total = probs.cumsum(-1)
    if p < 1:
        # the first rank whose running sum reaches p
        bound = torch.full_like(total[..., :1], p)
        last = torch.searchsorted(total, bound).clamp(max=total.shape[-1] - 1)
        ranks = torch.arange(total.shape[-1], device=logits.device)
        probs = probs * (ranks <= last)
    return probs, order


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p has to be in (0, 1]")
    probs, order = _ranked(logits, p)
    if p == 1:
        return logits.clone()
    outside = torch.ones_like(logits, dtype=torch.bool)
    inside_by_rank = (probs > 0) | (torch.arange(logits.shape[-1], device=logits.device) == 0)
    outside.scatter_(-1, order, ~inside_by_rank)
    return logits.masked_fill(outside, -float("inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature has to be positive and p in (0, 1]")
    probs, order = _ranked(logits.double() / temperature, p)
    total = probs.cumsum(-1)
    total = total / total[..., -1:]
    u = torch.rand(
        logits.shape[:-1], generator=generator, device=logits.device, dtype=torch.float64
    )
    rank = torch.searchsorted(total, u.unsqueeze(-1), right=True).clamp_(max=total.shape[-1] - 1)
    return order.gather(-1, rank).squeeze(-1)
