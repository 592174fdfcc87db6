"""Clipped one step too early: the outermost rows are never used.

caught-by: test_far_offsets_share_the_outermost_rows
explained-by: relative-table
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int):
        super().__init__()
        head_dim, rest = divmod(embed_dim, num_heads)
        if rest:
            raise ValueError(f"embed_dim={embed_dim}, num_heads={num_heads}")
        self.num_heads, self.head_dim, self.max_distance = num_heads, head_dim, max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=True)
        self.rel_embed = nn.Parameter(torch.empty(2 * max_distance + 1, head_dim).normal_(std=0.1))

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        q = self.q_proj(query).unflatten(2, (self.num_heads, self.head_dim))
        k = self.k_proj(key).unflatten(2, (self.num_heads, self.head_dim))
        v = self.v_proj(value).unflatten(2, (self.num_heads, self.head_dim))

        reach = self.max_distance - 1
        place = torch.arange(max(q.size(1), k.size(1)), device=q.device)
        offsets = (place[None, : k.size(1)] - place[: q.size(1), None]).clamp(-reach, reach)
        table = F.embedding(offsets + self.max_distance, self.rel_embed)

        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) + torch.einsum("bqhd,qkd->bhqk", q, table)
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
        attn = F.softmax(scores, dim=-1)
        if key_mask is not None:
            attn = attn.masked_fill(~key_mask[:, None, None, :], 0)
        return self.out_proj(torch.einsum("bhqk,bkhd->bqhd", attn, v).flatten(2))
