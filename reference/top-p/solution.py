"""Top-p (nucleus) sampling.

Source: Holtzman et al. (2020), The curious case of neural text degeneration.
"""

import torch
from torch import Tensor


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    """Keep the nucleus of each row, set the rest to -inf.  (..., V) -> (..., V), dtype kept"""
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], got {p}")
    # with p = 1 every token belongs, but a rounded sum touches 1 too early or never: do not ask it
    if p == 1:
        return logits.clone()
    probs = _wide(logits).softmax(dim=-1)
    # stable, because of equally probable tokens the one with the lower index goes first
    order = logits.argsort(dim=-1, descending=True, stable=True)  # order[rank] = token
    total = probs.gather(-1, order).cumsum(dim=-1)  # up to and including each rank
    # what counts is the probability in front of a token: the one that crosses p is still in,
    # and the first has none in front of it, so no row ends up empty; it is not compared with p,
    # for in float32 a p of 1e-50 is 0
    outside = torch.zeros_like(total, dtype=torch.bool)
    outside[..., 1:] = total[..., :-1] >= p  # >=, because reaching p exactly is enough
    # these answers are by rank: write the one of each rank to the token that holds it
    outside = torch.empty_like(outside).scatter(-1, order, outside)
    return logits.masked_fill(outside, float("-inf"))


def sample_top_p(
    logits: Tensor,
    p: float,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw a token per row from the nucleus of softmax(logits / temperature).  (..., V) -> (...)"""
    if temperature <= 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    # temperature first: it changes the probabilities, and so which tokens the nucleus holds
    nucleus = top_p_filter(_wide(logits) / temperature, p)
    probs = nucleus.softmax(dim=-1)  # exp(-inf) is 0, and the rest sums to 1 again
    # multinomial takes one or two dimensions, so all leading ones become one
    rows = probs.reshape(-1, probs.shape[-1])
    tokens = torch.multinomial(rows, num_samples=1, generator=generator)  # (rows, 1)
    return tokens.reshape(logits.shape[:-1])


def _wide(logits: Tensor) -> Tensor:
    """float16 has three digits, too few to add probabilities up; float32 and float64 stay."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
