"""NaN is patched over in the context: the values' gradient is NaN all the same.

caught-by: test_closed_rows_leave_the_gradients_finite
explained-by: relative-masked-rows
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

    def split(self, x):
        batch, length, _ = x.shape
        return x.reshape(batch, length, self.num_heads, self.head_dim).transpose(1, 2)

    def forward(self, query, key, value, key_mask=None):
        q = self.split(self.q_proj(query))
        k = self.split(self.k_proj(key))
        v = self.split(self.v_proj(value))
        arange = torch.arange(max(q.size(2), k.size(2)), device=q.device)
        offset = arange[None, : k.size(2)] - arange[: q.size(2), None]
        offset = offset.clamp(-self.max_distance, self.max_distance) + self.max_distance

        scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
        scores = scores + torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[offset])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], float("-inf"))
        context = torch.softmax(scores, dim=-1) @ v
        context = torch.nan_to_num(context, nan=0.0)
        return self.out_proj(context.transpose(1, 2).reshape(query.shape))
