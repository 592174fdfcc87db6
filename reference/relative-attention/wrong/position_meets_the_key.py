"""The position vector is multiplied with the key, not with the query.

caught-by: test_the_offset_is_key_minus_query
explained-by: relative-direction
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
        nn.init.normal_(self.rel_embed, std=self.head_dim**-0.5)

    def rows(self, num_queries, num_keys, device):
        offset = torch.arange(num_keys, device=device)[None] - torch.arange(
            num_queries, device=device
        ).unsqueeze(1)
        return self.max_distance + offset.clamp(-self.max_distance, self.max_distance)

    def forward(self, query, key, value, key_mask=None):
        b, nq, _ = query.shape
        nk = key.shape[1]
        q = self.q_proj(query).view(b, nq, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(key).view(b, nk, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(value).view(b, nk, self.num_heads, self.head_dim).transpose(1, 2)
        r = self.rel_embed[self.rows(nq, nk, query.device)]

        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) + torch.einsum("bhkd,qkd->bhqk", k, r)
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            keep = key_mask[:, None, None, :]
            scores = torch.where(keep, scores, torch.finfo(scores.dtype).min)
            weights = torch.where(keep, scores.softmax(-1), 0.0)
        else:
            weights = scores.softmax(-1)
        context = (weights @ v).transpose(1, 2).reshape(b, nq, -1)
        return self.out_proj(context)
