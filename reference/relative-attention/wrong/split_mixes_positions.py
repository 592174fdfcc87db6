"""The heads are split by reshaping straight to (B, H, S, d).

caught-by: test_each_head_works_on_its_own_block_of_features
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
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]
        q = self.q_proj(query).reshape(B, self.num_heads, Q, self.head_dim)
        k = self.k_proj(key).reshape(B, self.num_heads, K, self.head_dim)
        v = self.v_proj(value).reshape(B, self.num_heads, K, self.head_dim)

        i = torch.arange(Q, device=query.device)
        j = torch.arange(K, device=query.device)
        rows = (j[None, :] - i[:, None]).clamp(-self.max_distance, self.max_distance)
        scores = q @ k.transpose(2, 3)
        scores = scores + torch.einsum(
            "bhqd,qkd->bhqk", q, self.rel_embed[rows + self.max_distance]
        )
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            keep = key_mask[:, None, None, :]
            scores = scores.masked_fill(~keep, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if key_mask is not None:
            weights = weights * keep
        context = (weights @ v).transpose(1, 2).reshape(B, Q, E)
        return self.out_proj(context)
