"""Masked with -inf; the weights that come out as NaN are replaced by zeros."""

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
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        batch, num_queries, embed = query.size()
        num_keys = key.size(1)
        q = self.q_proj(query).view(batch, num_queries, self.num_heads, self.head_dim)
        k = self.k_proj(key).view(batch, num_keys, self.num_heads, self.head_dim)
        v = self.v_proj(value).view(batch, num_keys, self.num_heads, self.head_dim)
        i = torch.arange(num_queries, device=query.device).unsqueeze(1)
        j = torch.arange(num_keys, device=query.device).unsqueeze(0)
        rows = (j - i).clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k)
        scores = scores + torch.einsum("bqhd,qkd->bhqk", q, F.embedding(rows, self.rel_embed))
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask.view(batch, 1, 1, num_keys), float("-inf"))
        weights = F.softmax(scores, dim=-1, dtype=torch.float32).to(v.dtype)
        weights = torch.nan_to_num(weights, nan=0.0)
        context = torch.einsum("bhqk,bkhd->bqhd", weights, v)
        return self.out_proj(context.contiguous().view(batch, num_queries, embed))
