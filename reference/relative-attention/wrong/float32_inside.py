"""A tensor made without a dtype brings float32 into float64.

caught-by: test_float64_stays_float64
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

    def one_hot_rows(self, queries, keys, device):
        offset = torch.arange(keys, device=device) - torch.arange(queries, device=device)[:, None]
        row = offset.clamp(-self.max_distance, self.max_distance) + self.max_distance
        choice = torch.zeros(queries, keys, len(self.rel_embed), device=device)
        return choice.scatter(2, row.unsqueeze(-1), 1.0)

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim))
        k = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim))
        v = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim))
        choice = self.one_hot_rows(q.shape[1], k.shape[1], q.device)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k)
        scores = scores + torch.einsum("bqhr,qkr->bhqk", q @ self.rel_embed.T, choice)
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            closed = ~key_mask[:, None, None, :]
            scores = scores.masked_fill(closed, torch.finfo(scores.dtype).min)
        weights = torch.softmax(scores, dim=-1)
        if key_mask is not None:
            weights = weights.masked_fill(closed, 0.0)
        return self.out_proj(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(2))
