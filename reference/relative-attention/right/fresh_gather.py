"""Score each query against every row of rel_embed once, then gather by clipped offset."""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.h = num_heads
        self.d = embed_dim // num_heads
        self.m = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.d) * self.d**-0.5)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]

        def split(t):
            return t.reshape(B, -1, self.h, self.d).transpose(1, 2)

        q, k, v = split(self.q_proj(query)), split(self.k_proj(key)), split(self.v_proj(value))
        by_content = q @ k.transpose(-2, -1)
        by_bucket = q @ self.rel_embed.T  # (B, H, Q, 2M + 1)
        offset = torch.arange(K, device=q.device)[None] - torch.arange(Q, device=q.device)[:, None]
        bucket = offset.clamp(-self.m, self.m) + self.m
        by_offset = by_bucket.gather(-1, bucket.expand(B, self.h, Q, K))
        scores = (by_content + by_offset) / math.sqrt(self.d)

        if key_mask is not None:
            some = key_mask.any(dim=1, keepdim=True)  # (B, 1)
            # a row that allows nothing is scored as if it allowed everything, then zeroed
            allowed = (key_mask | ~some)[:, None, None]
            scores = scores.masked_fill(~allowed, float("-inf"))
        weights = scores.softmax(-1)
        if key_mask is not None:
            weights = weights * some[:, None, None].to(weights.dtype)
        return self.out_proj((weights @ v).transpose(1, 2).reshape(B, Q, E))
