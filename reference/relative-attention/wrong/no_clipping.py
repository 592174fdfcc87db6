"""The offset is not clipped.

caught-by: test_far_offsets_share_the_outermost_rows
explained-by: relative-table
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim % num_heads must be 0")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        for name in ("q_proj", "k_proj", "v_proj"):
            setattr(self, name, nn.Linear(embed_dim, embed_dim, bias=False))
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        b, n_q, e = query.shape
        n_k = key.shape[1]

        def split(x):
            return x.reshape(b, -1, self.num_heads, self.head_dim).permute(0, 2, 1, 3)

        q, k, v = split(self.q_proj(query)), split(self.k_proj(key)), split(self.v_proj(value))
        steps = torch.arange(n_k, device=q.device) - torch.arange(n_q, device=q.device)[:, None]
        rel = self.rel_embed[steps + self.max_distance]

        scores = q @ k.mT + torch.einsum("bhid,ijd->bhij", q, rel)
        scores = scores * self.head_dim**-0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None], torch.finfo(scores.dtype).min)
        p = scores.softmax(dim=-1)
        if key_mask is not None:
            p = p * key_mask[:, None, None]
        return self.out_proj((p @ v).permute(0, 2, 1, 3).reshape(b, n_q, e))
