"""Closed rows are opened in the caller's own mask.

caught-by: test_where_no_key_is_open_the_bias_comes_out
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
        nn.init.uniform_(self.rel_embed, -0.1, 0.1)

    def split(self, x):
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(self, query, key, value, key_mask=None):
        q, k, v = self.split(self.q_proj(query)), self.split(self.k_proj(key)), None
        v = self.split(self.v_proj(value))
        steps = torch.arange(k.shape[2], device=q.device) - torch.arange(
            q.shape[2], device=q.device
        ).view(-1, 1)
        steps = steps.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = q @ k.mT + torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[steps])
        scores = scores / self.head_dim**0.5

        if key_mask is None:
            return self.join(scores.softmax(-1) @ v)
        empty = ~key_mask.any(dim=-1)
        key_mask[empty] = True
        scores = scores.masked_fill(~key_mask[:, None, None, :], float("-inf"))
        context = scores.softmax(-1) @ v
        return self.join(context.masked_fill(empty[:, None, None, None], 0.0))

    def join(self, context):
        return self.out_proj(context.transpose(1, 2).flatten(2))
