"""Absolute distance: a key before and a key after the query look the same.

caught-by: test_the_offset_is_key_minus_query
explained-by: relative-direction
"""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"cannot split {embed_dim} into {num_heads} heads")
        self.h, self.d, self.m = num_heads, embed_dim // num_heads, max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.d))
        nn.init.xavier_uniform_(self.rel_embed)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.size(1)
        q = self.q_proj(query).view(B, Q, self.h, self.d)
        k = self.k_proj(key).view(B, K, self.h, self.d)
        v = self.v_proj(value).view(B, K, self.h, self.d)

        q_pos = torch.arange(Q, device=query.device).unsqueeze(1)
        k_pos = torch.arange(K, device=query.device).unsqueeze(0)
        distance = (k_pos - q_pos).abs().clamp(max=self.m)
        rel = self.rel_embed[distance + self.m]

        energy = torch.einsum("bqhd,bkhd->bhqk", q, k)
        energy = energy + torch.einsum("bqhd,qkd->bhqk", q, rel)
        energy = energy / math.sqrt(self.d)

        if key_mask is not None:
            allowed = key_mask.view(B, 1, 1, K)
            energy = torch.where(
                allowed, energy, torch.full_like(energy, torch.finfo(energy.dtype).min)
            )
        attention = torch.softmax(energy, dim=-1)
        if key_mask is not None:
            attention = attention * allowed.to(attention.dtype)

        out = torch.einsum("bhqk,bkhd->bqhd", attention, v).reshape(B, Q, E)
        return self.out_proj(out)
