"""Positions are kept in a buffer, more of them than needed, and made anew when they do not reach."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"{embed_dim=} is not divisible by {num_heads=}")
        self.h, self.m = num_heads, max_distance
        self.scale = (embed_dim // num_heads) ** -0.5
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=True)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, embed_dim // num_heads))
        self.register_buffer("positions", torch.arange(2048), persistent=False)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.h, -1)).transpose(1, 2)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        q = self.split(self.q_proj(query)) * self.scale
        k, v = self.split(self.k_proj(key)), self.split(self.v_proj(value))
        n, m = q.shape[-2], k.shape[-2]
        if max(n, m) > len(self.positions):
            self.positions = torch.arange(2 * max(n, m), device=self.positions.device)
        offset = self.positions[:m] - self.positions[:n, None]
        rows = offset.clamp(-self.m, self.m) + self.m
        scores = q @ k.mT + (q @ self.rel_embed.T).take_along_dim(rows[None, None], dim=-1)
        if key_mask is None:
            attn = scores.softmax(-1)
        else:
            allowed = key_mask[:, None, None, :]
            attn = torch.where(allowed, scores, torch.finfo(scores.dtype).min).softmax(-1) * allowed
        return self.out_proj((attn @ v).transpose(1, 2).flatten(2))
