"""Everything is computed in float32 and cast back at the end.

caught-by: test_float64_keeps_its_digits
explained-by: relative-module
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


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
        dtype = query.dtype
        query, key, value = query.float(), key.float(), value.float()
        K = key.shape[1]
        H, d, M = self.num_heads, self.head_dim, self.max_distance
        q = F.linear(query, self.q_proj.weight.float()).view(B, Q, H, d).transpose(1, 2)
        k = F.linear(key, self.k_proj.weight.float()).view(B, K, H, d).transpose(1, 2)
        v = F.linear(value, self.v_proj.weight.float()).view(B, K, H, d).transpose(1, 2)
        i = torch.arange(Q, device=query.device).unsqueeze(1)
        j = torch.arange(K, device=query.device).unsqueeze(0)
        index = (j - i).clamp(-M, M) + M
        rel = self.rel_embed.float()[index]
        content = torch.einsum("bhqd,bhkd->bhqk", q, k)
        position = torch.einsum("bhqd,qkd->bhqk", q, rel)
        scores = (content + position) / math.sqrt(d)
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], float("-inf"))
        weights = torch.softmax(scores, dim=-1)
        if key_mask is not None:
            empty = ~key_mask.any(dim=-1)
            weights = weights.masked_fill(empty[:, None, None, None], 0.0)
        context = torch.einsum("bhqk,bhkd->bhqd", weights, v)
        context = context.transpose(1, 2).reshape(B, Q, E)
        return self.out_proj(context.to(dtype))
