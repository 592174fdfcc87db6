"""The table is read through .data: no gradient reaches it.

caught-by: test_gradients_reach_inputs_and_parameters
explained-by: relative-module
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def relations(self, n, m):
        near = self.max_distance
        rows = [[min(max(j - i, -near), near) + near for j in range(m)] for i in range(n)]
        return torch.stack([self.rel_embed.data[row] for row in rows])

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        k = self.k_proj(key).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        v = self.v_proj(value).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        rel = self.relations(q.shape[2], k.shape[2])
        scores = q @ k.mT + torch.einsum("bhqd,qkd->bhqk", q, rel)
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
            weights = scores.softmax(-1) * key_mask[:, None, None, :]
        else:
            weights = scores.softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
