"""The cache holds the inputs, and every call projects all of them again.

caught-by: test_cache_holds_keys_then_values_in_order, test_length_has_no_limit,
  test_step_projects_one_position, test_chunk_projects_its_own_positions
explained-by: kv-cache-cost
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

    def split(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        s = x.shape[1]
        seen = self.split(x)
        if cache is not None:
            seen = torch.cat([cache[0], seen], dim=2)
        history = seen.transpose(1, 2).flatten(2)
        q = self.split(self.q_proj(x))
        k = self.split(self.k_proj(history))
        v = self.split(self.v_proj(history))
        t = k.shape[2]
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        future = torch.ones(s, t, dtype=torch.bool, device=x.device).triu(t - s + 1)
        context = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2)), (seen, seen)
