"""Positions are counted in the dtype of the inputs, which rounds them in bfloat16.

caught-by: test_bfloat16_does_not_round_the_positions
explained-by: relative-module
"""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(0.02 * torch.randn(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        H, d, M = self.num_heads, self.head_dim, self.max_distance
        q = self.q_proj(query).unflatten(-1, (H, d)) * d**-0.5
        k = self.k_proj(key).unflatten(-1, (H, d))
        v = self.v_proj(value).unflatten(-1, (H, d))
        i = torch.arange(query.shape[1], device=query.device, dtype=query.dtype)
        j = torch.arange(key.shape[1], device=query.device, dtype=query.dtype)
        r = self.rel_embed[(j[None, :] - i[:, None]).clip(-M, M).long() + M]
        s = torch.einsum("bqhd,bkhd->bhqk", q, k) + torch.einsum("bqhd,qkd->bhqk", q, r)
        if key_mask is not None:
            alive = key_mask.any(dim=1)
            open_ = key_mask | ~alive[:, None]
            s = s.masked_fill(~open_[:, None, None, :], -math.inf)
        ctx = torch.einsum("bhqk,bkhd->bqhd", torch.softmax(s, -1), v)
        if key_mask is not None:
            ctx = ctx * alive[:, None, None, None]
        return self.out_proj(ctx.flatten(-2))
