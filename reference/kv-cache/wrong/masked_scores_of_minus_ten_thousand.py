"""Masked scores are a finite number, -1e4 say, which is not below every real score.

caught-by: test_very_negative_scores_do_not_open_the_future
explained-by: kv-cache-softmax
"""

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.masked_score = -1e4

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        t = k.shape[2]
        scores = torch.matmul(q, k.transpose(-1, -2)) / self.head_dim**0.5
        future = torch.ones(s, t, dtype=torch.bool, device=x.device).triu(t - s + 1)
        scores = torch.where(future, self.masked_score, scores)
        weights = torch.softmax(scores, dim=-1)
        out = torch.matmul(weights, v).transpose(1, 2).contiguous().view(b, s, e)
        return self.out_proj(out), (k, v)
