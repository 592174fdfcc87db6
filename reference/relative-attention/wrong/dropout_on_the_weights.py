"""A dropout that nobody asked for.

caught-by: test_content_and_position_are_added_and_scaled_together
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
        self.dropout = nn.Dropout(0.1)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        def heads(x):
            return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

        q, k = heads(self.q_proj(query)), heads(self.k_proj(key))
        v = heads(self.v_proj(value))
        at = torch.arange(k.shape[2], device=q.device) - torch.arange(
            q.shape[2], device=q.device
        ).unsqueeze(1)
        at = at.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = q @ k.mT + torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[at])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            closed = ~key_mask[:, None, None, :]
            weights = (
                scores.masked_fill(closed, torch.finfo(scores.dtype).min)
                .softmax(-1)
                .masked_fill(closed, 0.0)
            )
        else:
            weights = scores.softmax(-1)
        weights = self.dropout(weights)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
