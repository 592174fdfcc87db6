"""A single key takes all the weight, even where the mask closes it.

caught-by: test_a_single_key_may_be_closed
explained-by: relative-masked-rows
"""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(0.02 * torch.randn(2 * max_distance + 1, self.head_dim))

    def _split(self, x):
        batch, length, _ = x.shape
        return x.reshape(batch, length, self.num_heads, self.head_dim).transpose(1, 2)

    def forward(self, query, key, value, key_mask=None):
        batch, q_len, _ = query.shape
        k_len = key.shape[1]
        q = self._split(self.q_proj(query)) / math.sqrt(self.head_dim)
        k = self._split(self.k_proj(key))
        v = self._split(self.v_proj(value))
        m = self.max_distance
        offsets = (
            torch.arange(k_len, device=query.device)
            - torch.arange(q_len, device=query.device)[:, None]
        )
        rows = offsets.clamp(-m, m) + m
        position = (q @ self.rel_embed.T).gather(
            -1, rows.expand(batch, self.num_heads, q_len, k_len)
        )
        scores = q @ k.transpose(-2, -1) + position
        if k_len == 1:
            context = (
                v.expand(-1, -1, q_len, -1).transpose(1, 2).reshape(batch, q_len, self.embed_dim)
            )
            context = context + 0 * scores.sum()
            return self.out_proj(context)
        if key_mask is not None:
            closed = ~key_mask[:, None, None, :]
            scores = scores.masked_fill(closed, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if key_mask is not None:
            weights = weights.masked_fill(closed, 0.0)
        context = (weights @ v).transpose(1, 2).reshape(batch, q_len, self.embed_dim)
        return self.out_proj(context)
