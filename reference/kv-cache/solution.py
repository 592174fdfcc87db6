"""Causal multi-head self-attention that remembers its keys and values.

Vaswani et al. (2017), section 3.2; Shazeer (2019), section 2.
"""

from math import sqrt

import torch
from torch import Tensor, nn

Cache = tuple[Tensor, Tensor]  # keys and values, each (B, H, T, D) with D = E / H


class CachedSelfAttention(nn.Module):
    """Self-attention in which a later call can go on where an earlier one stopped."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}")
        self.num_heads = num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Tensor, cache: Cache | None = None) -> tuple[Tensor, Cache]:
        """(B, S, E) and T cached positions -> (B, S, E) and T + S cached positions"""
        # only the new positions are projected: this is what the cache saves
        q = self._split(self.q_proj(x))
        k = self._split(self.k_proj(x))
        v = self._split(self.v_proj(x))
        if cache is not None:
            # cat makes new tensors; writing into the old ones would change what other beams hold
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        context = self._attend(q, k, v).transpose(1, 2).flatten(2)  # (B, S, E)
        return self.out_proj(context), (k, v)

    def _split(self, features: Tensor) -> Tensor:
        """(B, S, E) -> (B, H, S, D)"""
        # split the features first: a view as (B, H, S, D) would deal out positions instead
        return features.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """(B, H, S, D), (B, H, T + S, D), (B, H, T + S, D) -> (B, H, S, D)"""
        scores = q @ k.transpose(-2, -1) / sqrt(q.shape[-1])  # (B, H, S, T + S)
        new, total = scores.shape[-2:]
        # row i is position T + i, so the diagonal starts T columns to the right: for one
        # new position nothing is masked, for a prompt (T = 0) it is the usual triangle
        future = torch.ones(new, total, dtype=torch.bool, device=q.device).triu(total - new + 1)
        # -inf, and before the softmax: the weights of what is visible still add up to one
        return scores.masked_fill(future, float("-inf")).softmax(dim=-1) @ v
