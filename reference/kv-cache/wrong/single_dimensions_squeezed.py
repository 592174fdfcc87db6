"""squeeze() drops every dimension of size one, not only that of a single step.

caught-by: test_single_batch_head_and_feature, test_length_has_no_limit,
  test_step_projects_one_position
explained-by: kv-cache-heads
"""

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        if s == 1:
            query = q.squeeze()
            scores = torch.einsum("bhd,bhtd->bht", query, k) / self.head_dim**0.5
            context = torch.einsum("bht,bhtd->bhd", scores.softmax(-1), v)
            return self.out_proj(context.reshape(b, 1, e)), (k, v)
        t = k.shape[2]
        scores = q @ k.transpose(2, 3) / self.head_dim**0.5
        mask = torch.ones(s, t, dtype=torch.bool, device=x.device).triu(t - s + 1)
        context = scores.masked_fill(mask, float("-inf")).softmax(-1) @ v
        return self.out_proj(context.transpose(1, 2).reshape(b, s, e)), (k, v)
