"""The check of embed_dim against num_heads is missing, or asks for something else.

caught-by: test_features_that_cannot_be_shared_out_are_refused
explained-by: relative-heads
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
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
        q = self.q_proj(query).view(B, Q, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(key).view(B, K, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(value).view(B, K, self.num_heads, self.head_dim).transpose(1, 2)
        i = torch.arange(Q, device=q.device).unsqueeze(1)
        j = torch.arange(K, device=q.device).unsqueeze(0)
        rel = self.rel_embed[
            (j - i).clamp(-self.max_distance, self.max_distance) + self.max_distance
        ]
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) + torch.einsum("bhqd,qkd->bhqk", q, rel)
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
        return self.out_proj((weights @ v).transpose(1, 2).reshape(B, Q, E))
