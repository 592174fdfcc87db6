"""The future still counts in the largest score taken off, so what is left may underflow.

caught-by: test_very_negative_scores_do_not_open_the_future
explained-by: kv-cache-softmax
"""

import math

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        B, S, E = x.shape
        H, d = self.num_heads, self.head_dim
        q = self.q_proj(x).view(B, S, H, d).transpose(1, 2)
        k = self.k_proj(x).view(B, S, H, d).transpose(1, 2)
        v = self.v_proj(x).view(B, S, H, d).transpose(1, 2)
        T = 0
        if cache is not None:
            past_k, past_v = cache
            T = past_k.size(2)
            k = torch.cat([past_k, k], dim=2)
            v = torch.cat([past_v, v], dim=2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(d)
        weights = torch.softmax(scores, dim=-1)
        mask = torch.ones(S, T + S, device=x.device, dtype=x.dtype).tril(diagonal=T)
        weights = weights * mask
        weights = weights / weights.sum(dim=-1, keepdim=True)
        context = weights @ v
        out = context.transpose(1, 2).reshape(B, S, E)
        return self.out_proj(out), (k, v)
