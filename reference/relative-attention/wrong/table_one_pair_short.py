"""The table has 2 · max_distance - 1 rows.

caught-by: test_parameters_have_the_promised_names_and_shapes
explained-by: relative-table
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
        self.max_relative = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance - 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        q = self.q_proj(query).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        k = self.k_proj(key).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        v = self.v_proj(value).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
        far = self.max_relative - 1
        steps = torch.arange(k.shape[2], device=q.device)[None, :]
        steps = (steps - torch.arange(q.shape[2], device=q.device)[:, None]).clamp(-far, far)
        scores = q @ k.mT + torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[steps + far])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
            weights = scores.softmax(-1) * key_mask[:, None, None, :]
        else:
            weights = scores.softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
