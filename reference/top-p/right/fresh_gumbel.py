"""Exclusive sums over the sorted tokens, and the Gumbel trick: no probabilities are renormalised."""

import torch
from torch import Tensor


def keep_mask(z: Tensor, p: float) -> Tensor:
    if p == 1.0:
        return torch.ones_like(z, dtype=torch.bool)
    order = (-z).argsort(dim=-1, stable=True)
    prob = z.gather(-1, order).softmax(-1)
    # A token is out when what stands before it reaches p already.
    cumulative = prob.cumsum(-1)
    before = torch.nn.functional.pad(cumulative[..., :-1], (1, 0))
    inside = before < p
    mask = torch.empty_like(inside)
    mask.scatter_(-1, order, inside)
    return mask


def check_p(p):
    if not (p > 0 and p <= 1):
        raise ValueError("p must be in (0, 1]")


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    check_p(p)
    z = logits if logits.dtype != torch.half else logits.float()
    result = logits.clone(memory_format=torch.contiguous_format)
    result[~keep_mask(z, p)] = -float("inf")
    return result


def sample_top_p(logits, p, temperature=1.0, generator=None):
    check_p(p)
    if temperature <= 0.0:
        raise ValueError("temperature must be > 0")
    z = logits if logits.dtype != torch.half else logits.float()
    z = z / temperature
    noise = torch.empty(z.shape, dtype=z.dtype, device=z.device)
    noise.exponential_(generator=generator)
    race = z - noise.log()
    return race.masked_fill(~keep_mask(z, p), -torch.inf).argmax(dim=-1)
