"""The heads are merged without moving them back beside their features.

caught-by: test_each_head_works_on_its_own_block_of_features
explained-by: relative-heads
"""

import math

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
        q = self.q_proj(query).view(B, Q, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        k = self.k_proj(key).view(B, K, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        v = self.v_proj(value).view(B, K, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        rel = torch.arange(K, device=q.device)[None, :] - torch.arange(Q, device=q.device)[:, None]
        rel = torch.clamp(rel, min=-self.max_distance, max=self.max_distance)
        rel = F.embedding(rel + self.max_distance, self.rel_embed)
        scores = torch.matmul(q, k.transpose(-2, -1)) + torch.einsum("bhid,ijd->bhij", q, rel)
        scores = scores / math.sqrt(self.head_dim)
        if key_mask is not None:
            mask = key_mask.unsqueeze(1).unsqueeze(1)
            scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
            weights = F.softmax(scores, dim=-1) * mask
        else:
            weights = F.softmax(scores, dim=-1)
        out = torch.matmul(weights, v)
        out = out.reshape(B, Q, E)
        return self.out_proj(out)
