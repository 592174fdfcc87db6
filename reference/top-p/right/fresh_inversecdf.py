"""The length of each nucleus, in double precision, and a draw by the inverse of the cdf."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


class BadProbability(ValueError):
    pass


class BadTemperature(ValueError):
    pass


def _wide(t: Tensor) -> Tensor:
    return t.to(torch.float32 if t.device.type == "mps" else torch.float64)


def _nucleus(z: Tensor, p: float) -> tuple[Tensor, Tensor, Tensor]:
    """-> order of the tokens, cdf in that order, how many tokens are in."""
    if p <= 0 or p > 1 or p != p:
        raise BadProbability(p)
    e = torch.exp(z - z.amax(-1, keepdim=True))
    prob = e / e.sum(-1, keepdim=True)
    order = torch.argsort(prob, dim=-1, descending=True, stable=True)
    cdf = prob.gather(-1, order).cumsum(-1)
    if p == 1:
        size = torch.full_like(order[..., :1], z.shape[-1])
    else:
        size = ((cdf < p).sum(-1, keepdim=True) + 1).clamp(max=z.shape[-1])
    return order, cdf, size


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    order, _, size = _nucleus(_wide(logits), p)
    place = torch.argsort(order, dim=-1)  # the inverse permutation
    return torch.where(place < size, logits, torch.full_like(logits, -torch.inf))


def sample_top_p(
    logits: Tensor, p: float, temperature: float = 1.0, generator: Generator | None = None
) -> Tensor:
    if not temperature > 0:
        raise BadTemperature(temperature)
    z = _wide(logits)
    z = (z - z.amax(-1, keepdim=True)) / temperature  # the largest is 0 at any temperature
    order, cdf, size = _nucleus(z, p)
    mass = cdf.gather(-1, size - 1)
    u = torch.rand(mass.shape, generator=generator, dtype=cdf.dtype, device=cdf.device) * mass
    hit = (cdf <= u).sum(-1, keepdim=True)
    # never past the last token that has any probability at all
    last = torch.minimum(size - 1, (cdf < mass).sum(-1, keepdim=True))
    return order.gather(-1, torch.minimum(hit, last)).squeeze(-1)
