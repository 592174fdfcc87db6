"""The cache is (v, k).

caught-by: test_cache_holds_keys_then_values_in_order, test_length_has_no_limit
explained-by: kv-cache-memory
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

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q, v, k = (
            layer(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
            for layer in (self.q_proj, self.v_proj, self.k_proj)
        )
        if cache is not None:
            past_v, past_k = cache
            v = torch.cat([past_v, v], dim=2)
            k = torch.cat([past_k, k], dim=2)
        t = k.size(2)
        scores = (q @ k.mT) / self.head_dim**0.5
        scores = scores + torch.full_like(scores, float("-inf")).triu(t - s + 1)
        context = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(context), (v, k)
