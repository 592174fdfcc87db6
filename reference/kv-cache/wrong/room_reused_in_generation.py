"""A buffer is reused as soon as autograd is off, and one beam writes into another's cache.

caught-by: test_beams_share_a_cache_without_autograd_too
explained-by: kv-cache-sharing
"""

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
            k, v = self.store("k", old_k, k), self.store("v", old_v, v)
        contexts = [
            self.attend(q[:, :, i], k[:, :, : past + i + 1], v[:, :, : past + i + 1])
            for i in range(x.size(1))
        ]
        return self.out_proj(torch.stack(contexts, dim=1)), (k, v)

    def store(self, name, old, new):
        t, s = old.size(2), new.size(2)
        buffer = self.__dict__.setdefault("room", {}).get(name)
        if (
            buffer is None
            or buffer.size(2) < t + s
            or buffer.shape[:2] != old.shape[:2]
            or buffer.dtype != old.dtype
        ):
            buffer = torch.cat([old, new, torch.zeros_like(old)], 2).detach()
            self.room[name] = buffer
        buffer = buffer.clone() if torch.is_grad_enabled() else buffer
        buffer[:, :, :t] = old
        buffer[:, :, t : t + s] = new
        return buffer[:, :, : t + s]

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """(B, H, d), (B, H, n, d), (B, H, n, d) -> (B, E)"""
        score = torch.einsum("bhd,bhnd->bhn", q, k) * self.d**-0.5
        return torch.einsum("bhn,bhnd->bhd", torch.softmax(score, dim=-1), v).flatten(1)
