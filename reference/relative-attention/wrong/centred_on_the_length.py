"""Offset zero is put at the row of the length, not at row max_distance.

caught-by: test_the_table_may_reach_beyond_the_sequences
explained-by: relative-table
"""

import torch
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim is not divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def relative(self, q: Tensor, keys: int) -> Tensor:
        queries = q.shape[2]
        last = self.rel_embed.shape[0] - 1
        index = torch.arange(keys, device=q.device) - torch.arange(
            queries, device=q.device
        ).unsqueeze(-1)
        index = (index + queries - 1).clamp(0, last)
        logits = q @ self.rel_embed.t()
        return torch.take_along_dim(logits, index[None, None], dim=-1)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        q, k, v = (
            layer(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            for layer, x in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        scores = (q @ k.transpose(-1, -2) + self.relative(q, k.shape[2])) / self.head_dim**0.5
        if key_mask is not None:
            closed = key_mask.logical_not()[:, None, None]
            scores = scores.masked_fill(closed, torch.finfo(scores.dtype).min)
            weights = scores.softmax(-1).masked_fill(closed, 0)
        else:
            weights = scores.softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(-2))
