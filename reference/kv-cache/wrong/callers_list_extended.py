"""A tuple is copied, but the list that a call returned is changed by the next one.

caught-by: test_cache_once_returned_is_never_changed, test_beams_share_a_cache_without_autograd_too,
  test_two_beams_continue_from_one_cache
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

    def _heads(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        q, k, v = (self._heads(p(x)) for p in (self.q_proj, self.k_proj, self.v_proj))
        if cache is None:
            cache = [k, v]
        else:
            if not isinstance(cache, list):
                cache = list(cache)
            cache[0] = torch.cat([cache[0], k], dim=2)
            cache[1] = torch.cat([cache[1], v], dim=2)
        k, v = cache
        new, total = q.shape[2], k.shape[2]
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        future = torch.ones(new, total, dtype=torch.bool, device=x.device).triu(total - new + 1)
        scores = scores.masked_fill(future, float("-inf"))
        context = scores.softmax(dim=-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2)), cache
