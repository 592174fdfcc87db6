"""Without a cache the module goes on with the sequence of the call before.

caught-by: test_call_without_cache_starts_afresh
explained-by: kv-cache-sharing
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
        self.last = None

    def forward(self, x, cache=None):
        n = x.shape[1]
        q, k, v = [
            p(x).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
            for p in (self.q_proj, self.k_proj, self.v_proj)
        ]
        if cache is None:
            cache = self.last
        if cache is not None and cache[0].shape[0] == x.shape[0]:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        self.last = (k, v)
        m = k.shape[2]
        i = torch.arange(m - n, m, device=x.device)[:, None]
        j = torch.arange(m, device=x.device)[None]
        scores = q @ k.transpose(-2, -1) * self.head_dim**-0.5
        scores = scores.masked_fill(j > i, float("-inf"))
        out = torch.softmax(scores, -1) @ v
        return self.out_proj(out.transpose(1, 2).flatten(2)), self.last
