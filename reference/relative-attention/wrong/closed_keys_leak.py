"""Closed keys get a score of -10000, which other scores can undercut.

caught-by: test_large_scores_neither_overflow_nor_open_a_closed_key
explained-by: relative-mask
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_attention_heads = num_heads
        self.attention_head_size = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(
            torch.randn(2 * max_distance + 1, self.attention_head_size) * 0.02
        )

    def transpose_for_scores(self, x):
        x = x.view(*x.shape[:-1], self.num_attention_heads, self.attention_head_size)
        return x.permute(0, 2, 1, 3)

    def forward(self, query, key, value, key_mask=None):
        query_layer = self.transpose_for_scores(self.q_proj(query))
        key_layer = self.transpose_for_scores(self.k_proj(key))
        value_layer = self.transpose_for_scores(self.v_proj(value))

        left = torch.arange(query.shape[1], device=query.device).view(-1, 1)
        right = torch.arange(key.shape[1], device=query.device).view(1, -1)
        distance = torch.clamp(right - left, -self.max_distance, self.max_distance)
        positional = self.rel_embed[distance + self.max_distance]

        attention_scores = torch.matmul(query_layer, key_layer.transpose(-1, -2))
        attention_scores = attention_scores + torch.einsum(
            "bhld,lrd->bhlr", query_layer, positional
        )
        attention_scores = attention_scores / self.attention_head_size**0.5
        if key_mask is not None:
            extended = key_mask[:, None, None, :]
            attention_scores = attention_scores.masked_fill(extended == 0, -10000.0)
        probs = attention_scores.softmax(dim=-1)
        if key_mask is not None:
            probs = probs * key_mask.any(-1).view(-1, 1, 1, 1)

        context = torch.matmul(probs, value_layer).permute(0, 2, 1, 3).contiguous()
        return self.out_proj(context.view(*context.shape[:2], -1))
