"""A number of heads that does not divide embed_dim is not refused.

caught-by: test_embed_dim_that_does_not_divide_is_refused
explained-by: kv-cache-heads
"""

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        b, s, _ = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        start = 0
        if cache is not None:
            start = cache[0].size(2)
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        scores = torch.matmul(q, k.mT) / self.head_dim**0.5
        column = torch.arange(start + s, device=x.device)
        row = start + torch.arange(s, device=x.device)
        scores = scores.masked_fill(column[None, :] > row[:, None], float("-inf"))
        out = torch.matmul(torch.softmax(scores, -1), v).transpose(1, 2).flatten(2)
        return self.out_proj(out), (k, v)
