"""The softmax by hand exponentiates the scores as they are.

caught-by: test_large_scores_neither_overflow_nor_open_a_closed_key
explained-by: relative-masked-rows
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
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        k = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        v = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        rows = torch.arange(k.shape[2], device=q.device) - torch.arange(
            q.shape[2], device=q.device
        ).unsqueeze(1)
        rows = rows.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = q @ k.mT + torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[rows])
        mass = torch.exp(scores / self.head_dim**0.5)
        if key_mask is not None:
            mass = mass * key_mask[:, None, None, :]
        total = mass.sum(-1, keepdim=True)
        weights = mass / total.masked_fill(total == 0, 1.0)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
