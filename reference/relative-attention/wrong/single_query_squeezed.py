"""A dimension of size one is squeezed away.

caught-by: test_a_single_query_keeps_its_dimension_and_stands_at_zero
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

    def forward(self, query, key, value, key_mask=None):
        q_all = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim))
        k_all = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim))
        v_all = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim))
        positions = torch.arange(key.shape[1], device=query.device)

        outputs = []
        for i in range(query.shape[1]):
            rows = (positions - i).clamp(-self.max_distance, self.max_distance)
            r = self.rel_embed[rows + self.max_distance]
            q = q_all[:, i]
            scores = torch.einsum("bhd,bkhd->bhk", q, k_all) + torch.einsum("bhd,kd->bhk", q, r)
            scores = scores / self.head_dim**0.5
            if key_mask is not None:
                scores = scores.masked_fill(~key_mask[:, None, :], torch.finfo(scores.dtype).min)
            weights = scores.softmax(-1)
            if key_mask is not None:
                weights = weights * key_mask[:, None, :]
            outputs.append(torch.einsum("bhk,bkhd->bhd", weights, v_all).flatten(1))
        return self.out_proj(torch.stack(outputs, dim=1).squeeze())
