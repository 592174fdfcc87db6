"""The heads take every H-th feature, not a block of neighbours.

caught-by: test_each_head_works_on_its_own_block_of_features
explained-by: relative-heads
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

    def project(self, layer, x):
        return layer(x).unflatten(-1, (self.head_dim, self.num_heads))

    def forward(self, query, key, value, key_mask=None):
        q = self.project(self.q_proj, query)
        k = self.project(self.k_proj, key)
        v = self.project(self.v_proj, value)
        index = torch.arange(k.shape[1], device=q.device)[None, :]
        index = index - torch.arange(q.shape[1], device=q.device)[:, None]
        index = index.clamp(-self.max_distance, self.max_distance) + self.max_distance
        content = torch.einsum("bqdh,bkdh->bhqk", q, k)
        position = torch.einsum("bqdh,qkd->bhqk", q, self.rel_embed[index])
        scores = (content + position) * self.head_dim**-0.5
        if key_mask is not None:
            closed = torch.logical_not(key_mask)[:, None, None, :]
            scores = scores.masked_fill(closed, torch.finfo(scores.dtype).min)
        weights = torch.softmax(scores, dim=-1)
        if key_mask is not None:
            weights = weights.masked_fill(closed, 0.0)
        context = torch.einsum("bhqk,bkdh->bqdh", weights, v)
        return self.out_proj(context.reshape(query.shape))
