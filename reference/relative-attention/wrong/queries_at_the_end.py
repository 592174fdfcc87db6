"""The queries are placed at the end of the keys, as if a cache stood before them.

caught-by: test_a_single_query_keeps_its_dimension_and_stands_at_zero
explained-by: relative-direction
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"{embed_dim} % {num_heads} != 0")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.scale = self.head_dim**-0.5
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        batch, tgt, embed = query.shape
        src = key.shape[1]
        q = self.q_proj(query).mul(self.scale).view(batch, tgt, self.num_heads, self.head_dim)
        k = self.k_proj(key).view(batch, src, self.num_heads, self.head_dim)
        v = self.v_proj(value).view(batch, src, self.num_heads, self.head_dim)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)

        positions = torch.arange(src, device=query.device)
        row_positions = torch.arange(src - tgt, src, device=query.device)
        delta = positions.view(1, -1) - row_positions.view(-1, 1)
        delta = delta.clamp(-self.max_distance, self.max_distance) + self.max_distance

        scores = torch.matmul(q, k.transpose(2, 3))
        scores = scores + torch.einsum("bhtd,tsd->bhts", q, self.rel_embed[delta])
        if key_mask is not None:
            blocked = ~key_mask.view(batch, 1, 1, src)
            scores = scores.masked_fill(blocked, torch.finfo(scores.dtype).min)
            attn = scores.softmax(-1).masked_fill(blocked, 0.0)
        else:
            attn = scores.softmax(-1)
        return self.out_proj(torch.matmul(attn, v).transpose(1, 2).reshape(batch, tgt, embed))
