"""The inputs are flattened with view, which wants contiguous ones.

caught-by: test_inputs_need_not_be_contiguous
explained-by: relative-heads
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def project(self, layer, x):
        B, S, E = x.shape
        flat = layer(x.view(B * S, E))
        return flat.view(B, S, self.num_heads, self.head_dim).transpose(1, 2)

    def forward(self, query, key, value, key_mask=None):
        q = self.project(self.q_proj, query)
        k = self.project(self.k_proj, key)
        v = self.project(self.v_proj, value)
        gap = torch.arange(k.size(2), device=q.device) - torch.arange(
            q.size(2), device=q.device
        ).view(-1, 1)
        gap = gap.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = q @ k.transpose(-1, -2)
        scores = scores + torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[gap])
        scores = scores / self.head_dim**0.5
        if key_mask is None:
            attention = scores.softmax(-1)
        else:
            mask = key_mask[:, None, None, :]
            attention = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(-1) * mask
        context = (attention @ v).transpose(1, 2).reshape(-1, self.embed_dim)
        return self.out_proj(context).view(query.shape[0], query.shape[1], self.embed_dim)
