"""Query minus key: the offset has the wrong sign.

caught-by: test_the_offset_is_key_minus_query
explained-by: relative-direction
"""

import torch
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(0.02 * torch.randn(2 * max_distance + 1, self.head_dim))

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        q = self._heads(self.q_proj(query))
        k = self._heads(self.k_proj(key))
        v = self._heads(self.v_proj(value))

        queries = torch.arange(q.shape[2], device=q.device)
        keys = torch.arange(k.shape[2], device=q.device)
        offset = queries[:, None] - keys[None, :]
        r = self.rel_embed[offset.clamp(-self.max_distance, self.max_distance) + self.max_distance]

        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) + torch.einsum("bhqd,qkd->bhqk", q, r)
        scores = scores / self.head_dim**0.5
        if key_mask is None:
            weights = scores.softmax(-1)
        else:
            closed = ~key_mask[:, None, None, :]
            weights = scores.masked_fill(closed, torch.finfo(scores.dtype).min).softmax(-1)
            weights = weights.masked_fill(closed, 0.0)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
