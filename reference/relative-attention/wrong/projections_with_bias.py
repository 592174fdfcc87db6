"""The projections have a bias each.

caught-by: test_parameters_have_the_promised_names_and_shapes
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
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        k = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        v = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        offset = torch.arange(k.shape[2], device=q.device).view(1, -1)
        offset = offset - torch.arange(q.shape[2], device=q.device).view(-1, 1)
        offset = offset.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = (q @ k.mT).add(torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[offset]))
        scores = scores.div(self.head_dim**0.5)
        if key_mask is None:
            weights = scores.softmax(-1)
        else:
            keep = key_mask[:, None, None, :]
            weights = scores.masked_fill(~keep, torch.finfo(scores.dtype).min).softmax(-1) * keep
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
