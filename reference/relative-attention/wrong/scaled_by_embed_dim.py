"""Scaled by the root of embed_dim, not of the head dimension.

caught-by: test_content_alone_is_scaled_by_the_root_of_the_head_dimension
explained-by: relative-scale
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("heads must divide embed_dim")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        table = torch.empty(2 * max_distance + 1, embed_dim // num_heads)
        self.rel_embed = nn.Parameter(nn.init.trunc_normal_(table, std=0.02))

    def forward(self, query, key, value, key_mask=None):
        def heads(x):
            return x.unflatten(-1, (self.num_heads, -1)).movedim(-2, 1)

        q = heads(self.q_proj(query)) / self.embed_dim**0.5
        k, v = heads(self.k_proj(key)), heads(self.v_proj(value))

        i = torch.arange(q.shape[-2], device=q.device)
        j = torch.arange(k.shape[-2], device=q.device)
        which = (j - i[:, None]).clip(-self.max_distance, self.max_distance) + self.max_distance
        by_offset = q @ self.rel_embed.mT
        scores = q @ k.mT + by_offset.gather(-1, which.expand(*q.shape[:2], -1, -1))

        if key_mask is None:
            weights = scores.softmax(-1)
        else:
            closed = ~key_mask[:, None, None, :]
            weights = scores.masked_fill(closed, torch.finfo(scores.dtype).min).softmax(-1)
            weights = weights.masked_fill(closed, 0.0)
        return self.out_proj((weights @ v).movedim(1, -2).flatten(-2))
