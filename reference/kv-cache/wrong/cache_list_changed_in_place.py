"""The cache is a list, and a call replaces the tensors in the caller's list.

caught-by: test_cache_once_returned_is_never_changed, test_two_beams_continue_from_one_cache,
  test_length_has_no_limit, test_step_projects_one_position, test_chunk_projects_its_own_positions
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

    def forward(self, x, cache=None):
        b, s, _ = x.shape
        shape = (b, s, self.num_heads, self.head_dim)
        q = self.q_proj(x).view(shape).transpose(1, 2)
        k = self.k_proj(x).view(shape).transpose(1, 2)
        v = self.v_proj(x).view(shape).transpose(1, 2)
        if cache is None:
            cache = [k, v]
        else:
            cache[0] = torch.cat([cache[0], k], dim=2)
            cache[1] = torch.cat([cache[1], v], dim=2)
        keys, values = cache
        total = keys.size(2)
        mask = torch.ones(total, total, dtype=torch.bool, device=x.device).tril()[-s:]
        scores = q @ keys.transpose(-2, -1) / self.head_dim**0.5
        scores = scores.masked_fill(mask.logical_not(), float("-inf"))
        out = scores.softmax(-1) @ values
        return self.out_proj(out.transpose(1, 2).flatten(2)), cache
