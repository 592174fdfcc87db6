"""The position vectors once looked up are kept: later calls use a table of the past.

caught-by: test_what_was_learned_since_the_last_call_counts
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
        self.cache = {}
        self.rel_embed = nn.Parameter(0.02 * torch.randn(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        H, d, M = self.num_heads, self.head_dim, self.max_distance
        q = self.q_proj(query).unflatten(-1, (H, d)) * d**-0.5
        k = self.k_proj(key).unflatten(-1, (H, d))
        v = self.v_proj(value).unflatten(-1, (H, d))
        i = torch.arange(query.shape[1], device=query.device)
        j = torch.arange(key.shape[1], device=query.device)
        lengths = (len(i), len(j))
        if lengths not in self.cache:
            self.cache[lengths] = self.rel_embed[(j[None, :] - i[:, None]).clip(-M, M) + M]
        r = self.cache[lengths]
        s = torch.einsum("bqhd,bkhd->bhqk", q, k) + torch.einsum("bqhd,qkd->bhqk", q, r)
        if key_mask is not None:
            alive = key_mask.any(dim=1)
            open_ = key_mask | ~alive[:, None]
            s = s.masked_fill(~open_[:, None, None, :], -math.inf)
        ctx = torch.einsum("bhqk,bkhd->bqhd", torch.softmax(s, -1), v)
        if key_mask is not None:
            ctx = ctx * alive[:, None, None, None]
        return self.out_proj(ctx.flatten(-2))
