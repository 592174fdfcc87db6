"""The module goes on from its own last keys, whatever cache it is given.

caught-by: test_two_beams_continue_from_one_cache, test_length_has_no_limit,
  test_step_projects_one_position, test_chunk_projects_its_own_positions
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
        self.k_cache = None
        self.v_cache = None

    def forward(self, x, cache=None):
        B, S, E = x.shape
        q = self.q_proj(x).view(B, S, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, S, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, S, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is None:
            self.k_cache, self.v_cache = k, v
        else:
            self.k_cache = torch.cat([self.k_cache, k], dim=2)
            self.v_cache = torch.cat([self.v_cache, v], dim=2)
        T = self.k_cache.shape[2]
        scores = q @ self.k_cache.transpose(-2, -1) / self.head_dim**0.5
        future = torch.triu(torch.ones(S, T, device=x.device), diagonal=T - S + 1).bool()
        attention = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        context = (attention @ self.v_cache).transpose(1, 2).reshape(B, S, E)
        return self.out_proj(context), (self.k_cache, self.v_cache)
