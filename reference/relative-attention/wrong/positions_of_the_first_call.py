"""Rows of an earlier call are kept, and serve a later one of other lengths.

caught-by: test_lengths_may_change_from_call_to_call
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
        self._rows = None

    def rows(self, queries, keys, device):
        if self._rows is None:
            offset = (
                torch.arange(keys, device=device) - torch.arange(queries, device=device)[:, None]
            )
            offset = offset.clamp(-self.max_distance, self.max_distance)
            self._rows = offset + self.max_distance
        return self._rows

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        k = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        v = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        rows = self.rows(q.shape[2], k.shape[2], q.device)
        products = q @ self.rel_embed.T
        scores = q @ k.mT + torch.take_along_dim(products, rows[None, None], dim=-1)
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        if key_mask is not None:
            weights = weights.where(key_mask[:, None, None, :], 0.0)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
