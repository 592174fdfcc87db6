"""The cache holds (B, T, E) tensors, not yet split into heads.

caught-by: test_cache_grows_by_the_new_positions, test_cache_holds_keys_then_values_in_order,
  test_length_has_no_limit, test_step_projects_one_position, test_chunk_projects_its_own_positions
explained-by: kv-cache-heads
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

    def heads(self, t):
        return t.view(t.size(0), t.size(1), self.num_heads, self.head_dim).transpose(1, 2)

    def forward(self, x, cache=None):
        keys, values = self.k_proj(x), self.v_proj(x)
        if cache is not None:
            keys = torch.cat([cache[0], keys], dim=1)
            values = torch.cat([cache[1], values], dim=1)
        q, k, v = self.heads(self.q_proj(x)), self.heads(keys), self.heads(values)
        s, t = x.size(1), keys.size(1)
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        future = torch.ones(s, t, dtype=torch.bool, device=x.device).triu(t - s + 1)
        context = scores.masked_fill(future, float("-inf")).softmax(dim=-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2)), (keys, values)
