"""A closed key gets score zero, not weight zero.

caught-by: test_a_closed_key_gets_no_weight_and_the_others_share_it
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

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim))
        k = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim))
        v = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim))
        d = (
            torch.arange(k.size(1), device=q.device)[None, :]
            - torch.arange(q.size(1), device=q.device)[:, None]
        )
        d = torch.clamp(d, -self.max_distance, self.max_distance) + self.max_distance
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k)
        scores = scores + torch.einsum("bqhd,qkd->bhqk", q, self.rel_embed[d])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores * key_mask[:, None, None, :]
        weights = torch.softmax(scores, dim=-1)
        if key_mask is not None:
            weights = weights * key_mask.any(dim=-1)[:, None, None, None]
        return self.out_proj(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(-2))
