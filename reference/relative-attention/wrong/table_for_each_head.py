"""Each head has a table of its own.

caught-by: test_parameters_have_the_promised_names_and_shapes
explained-by: relative-table
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
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, embed_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]
        q = self.q_proj(query).view(B, Q, self.num_heads, self.head_dim)
        k = self.k_proj(key).view(B, K, self.num_heads, self.head_dim)
        v = self.v_proj(value).view(B, K, self.num_heads, self.head_dim)
        table = self.rel_embed.view(-1, self.num_heads, self.head_dim)
        j = torch.arange(K, device=q.device)
        i = torch.arange(Q, device=q.device)
        rows = (j - i[:, None]).clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k)
        scores = scores + torch.einsum("bqhd,qkhd->bhqk", q, table[rows])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            closed = ~key_mask[:, None, None, :]
            weights = (
                scores.masked_fill(closed, torch.finfo(scores.dtype).min)
                .softmax(-1)
                .masked_fill(closed, 0.0)
            )
        else:
            weights = scores.softmax(-1)
        return self.out_proj(torch.einsum("bhqk,bkhd->bqhd", weights, v).reshape(B, Q, E))
