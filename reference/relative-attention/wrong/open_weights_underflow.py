"""Closed keys still take part when exponents are taken: a high one leaves the open ones nothing.

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
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def fold(self, x):
        x = x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        return x.reshape(-1, x.shape[2], self.head_dim)

    def forward(self, query, key, value, key_mask=None):
        q = self.fold(self.q_proj(query)) * self.head_dim**-0.5
        k, v = self.fold(self.k_proj(key)), self.fold(self.v_proj(value))
        # an index tensor may stay on the CPU
        rows = torch.arange(k.shape[1]).expand(q.shape[1], -1) - torch.arange(q.shape[1])[:, None]
        r = self.rel_embed[rows.clamp(-self.max_distance, self.max_distance) + self.max_distance]
        by_query = torch.bmm(q.transpose(0, 1), r.transpose(1, 2)).transpose(0, 1)
        weights = torch.softmax(torch.baddbmm(by_query, q, k.transpose(1, 2)), dim=-1)
        if key_mask is not None:
            weights = weights * key_mask.repeat_interleave(self.num_heads, dim=0).unsqueeze(1)
            total = weights.sum(dim=-1, keepdim=True)
            weights = weights / torch.where(total > 0, total, 1.0)
        context = torch.bmm(weights, v).unflatten(0, (-1, self.num_heads))
        return self.out_proj(context.transpose(1, 2).reshape(query.shape))
