"""Keys and values are projected without a graph, because they go into a cache.

caught-by: test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole
explained-by: kv-cache-gradients
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

    @torch.no_grad()
    def extend(self, x, cache):
        b, s, _ = x.shape
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is None:
            return k, v
        return torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)

    def forward(self, x, cache=None):
        b, s, e = x.shape
        k, v = self.extend(x, cache)
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        visible = torch.ones(s, k.size(2), device=x.device).tril(k.size(2) - s)
        scores = (q @ k.mT / self.head_dim**0.5).masked_fill(visible == 0, -1e9)
        context = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(context), (k, v)
