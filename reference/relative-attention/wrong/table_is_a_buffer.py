"""The table is a buffer: it is saved, but never learned.

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
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        table = torch.randn(2 * max_distance + 1, self.head_dim) * self.head_dim**-0.5
        self.register_buffer("rel_embed", table)

    def forward(self, query, key, value, key_mask=None):
        batch, length_q, _ = query.shape
        length_k = key.shape[1]
        q = self.q_proj(query).view(batch, length_q, self.num_heads, self.head_dim)
        k = self.k_proj(key).view(batch, length_k, self.num_heads, self.head_dim)
        v = self.v_proj(value).view(batch, length_k, self.num_heads, self.head_dim)
        offsets = torch.arange(length_k, device=q.device).unsqueeze(0)
        offsets = offsets - torch.arange(length_q, device=q.device).unsqueeze(1)
        offsets = offsets.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k)
        scores = scores + torch.einsum("bqhd,qkd->bhqk", q, self.rel_embed[offsets])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
        attn = scores.softmax(-1)
        if key_mask is not None:
            attn = attn * key_mask[:, None, None, :]
        out = torch.einsum("bhqk,bkhd->bqhd", attn, v).flatten(2)
        return self.out_proj(out)
