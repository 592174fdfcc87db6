"""No mask at all: each new position looks at the slice of keys up to itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn

Cache = tuple[Tensor, Tensor]


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int) -> None:
        if embed_dim % num_heads:
            raise ValueError("the heads must share the features evenly")
        super().__init__()
        self.E, self.H, self.d = embed_dim, num_heads, embed_dim // num_heads
        self.q_proj, self.k_proj = nn.Linear(embed_dim, embed_dim), nn.Linear(embed_dim, embed_dim)
        self.v_proj, self.out_proj = (
            nn.Linear(embed_dim, embed_dim),
            nn.Linear(embed_dim, embed_dim),
        )

    def heads(self, t: Tensor) -> Tensor:
        b, s, _ = t.shape
        return t.reshape(b, s, self.H, self.d).permute(0, 2, 1, 3)

    def forward(self, x: Tensor, cache: Cache | None = None) -> tuple[Tensor, Cache]:
        q = self.heads(self.q_proj(x))
        k = self.heads(self.k_proj(x))
        v = self.heads(self.v_proj(x))
        past = 0
        if cache is not None:
            old_k, old_v = cache
            past = old_k.size(2)
            k, v = torch.cat([old_k, k], 2), torch.cat([old_v, v], 2)
        contexts = [
            self.attend(q[:, :, i], k[:, :, : past + i + 1], v[:, :, : past + i + 1])
            for i in range(x.size(1))
        ]
        return self.out_proj(torch.stack(contexts, dim=1)), (k, v)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """(B, H, d), (B, H, n, d), (B, H, n, d) -> (B, E)"""
        score = torch.einsum("bhd,bhnd->bhn", q, k) * self.d**-0.5
        return torch.einsum("bhn,bhnd->bhd", torch.softmax(score, dim=-1), v).flatten(1)
