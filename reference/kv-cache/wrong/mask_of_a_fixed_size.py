"""The mask is a table of a fixed size, and a longer sequence falls off it.

caught-by: test_length_has_no_limit
explained-by: kv-cache-memory
"""

import torch
from torch import nn

BLOCK_SIZE = 1024


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
        causal = torch.ones(BLOCK_SIZE, BLOCK_SIZE, dtype=torch.bool).tril()
        self.register_buffer("causal", causal, persistent=False)

    def forward(self, x, cache=None):
        B, T, C = x.size()
        q = self.q_proj(x).view(B, T, self.num_heads, C // self.num_heads).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.num_heads, C // self.num_heads).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.num_heads, C // self.num_heads).transpose(1, 2)
        past = 0
        if cache is not None:
            past = cache[0].size(2)
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / k.size(-1) ** 0.5)
        att = att.masked_fill(~self.causal[past : past + T, : past + T], float("-inf"))
        y = torch.softmax(att, dim=-1) @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.out_proj(y), (k, v)
