"""The position term is added after the scaling.

caught-by: test_content_and_position_are_added_and_scaled_together
explained-by: relative-scale
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise ValueError("embed_dim needs to be divisible by num_heads")
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        N, query_len, key_len = query.shape[0], query.shape[1], key.shape[1]

        queries = self.q_proj(query).reshape(N, query_len, self.num_heads, self.head_dim)
        keys = self.k_proj(key).reshape(N, key_len, self.num_heads, self.head_dim)
        values = self.v_proj(value).reshape(N, key_len, self.num_heads, self.head_dim)

        energy = torch.einsum("nqhd,nkhd->nhqk", [queries, keys]) / (self.head_dim**0.5)

        positions_q = torch.arange(query_len, device=query.device)
        positions_k = torch.arange(key_len, device=query.device)
        relative = positions_k[None, :] - positions_q[:, None]
        relative = torch.clamp(relative, -self.max_distance, self.max_distance)
        embeddings = self.rel_embed[relative + self.max_distance]
        energy = energy + torch.einsum("nqhd,qkd->nhqk", [queries, embeddings])

        if key_mask is not None:
            mask = key_mask.unsqueeze(1).unsqueeze(2)
            energy = energy.masked_fill(mask == 0, torch.finfo(energy.dtype).min)
        attention = torch.softmax(energy, dim=3)
        if key_mask is not None:
            attention = attention.masked_fill(mask == 0, 0.0)

        out = torch.einsum("nhqk,nkhd->nqhd", [attention, values])
        return self.out_proj(out.reshape(N, query_len, self.embed_dim))
