"""Only the last 1024 positions are kept in the cache.

caught-by: test_length_has_no_limit
explained-by: kv-cache-memory
"""

import torch
from torch import nn

CONTEXT = 1024


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

    def split(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)[:, :, -CONTEXT:]
            v = torch.cat([cache[1], v], dim=2)[:, :, -CONTEXT:]
        s, t = q.size(2), k.size(2)
        ahead = torch.arange(t, device=x.device) - torch.arange(t - s, t, device=x.device)[:, None]
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        scores = scores.masked_fill(ahead > 0, float("-inf"))
        context = torch.softmax(scores, dim=-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2)), (k, v)
