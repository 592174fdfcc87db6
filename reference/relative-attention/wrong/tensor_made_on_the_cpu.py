"""A tensor is made on the CPU, wherever the inputs live: positions, a mask, a buffer.

caught-by: test_everything_stays_on_the_device_of_the_inputs
explained-by: relative-module
"""

import torch
import torch.nn.functional as F
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
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]
        q = self.q_proj(query).view(B, Q, self.num_heads, self.head_dim)
        k = self.k_proj(key).view(B, K, self.num_heads, self.head_dim)
        v = self.v_proj(value).view(B, K, self.num_heads, self.head_dim)

        distance = torch.arange(K)[None, :] - torch.arange(Q)[:, None]
        distance = distance.clamp(-self.max_distance, self.max_distance) + self.max_distance
        rel = F.embedding(distance, self.rel_embed)

        energy = torch.einsum("bqhd,bkhd->bhqk", q, k) + torch.einsum("bqhd,qkd->bhqk", q, rel)
        energy = energy / self.head_dim**0.5
        if key_mask is not None:
            energy = energy.masked_fill(~key_mask[:, None, None, :], torch.finfo(energy.dtype).min)
        attention = F.softmax(energy, dim=-1)
        if key_mask is not None:
            attention = attention * key_mask[:, None, None, :]
        return self.out_proj(torch.einsum("bhqk,bkhd->bqhd", attention, v).reshape(B, Q, E))
