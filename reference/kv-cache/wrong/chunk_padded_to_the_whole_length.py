"""A chunk is padded to the whole length, projected, and most of it thrown away.

caught-by: test_chunk_projects_its_own_positions
explained-by: kv-cache-cost
"""

import torch
import torch.nn.functional as F
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

    def project(self, layer, x):
        return layer(x).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        steps = x.shape[1]
        past = 0 if cache is None else cache[0].shape[2]
        if past and steps > 1:
            x = F.pad(x, (0, 0, past, 0))
        q, k, v = (self.project(layer, x) for layer in (self.q_proj, self.k_proj, self.v_proj))
        if past:
            k = torch.cat([cache[0], k[:, :, -steps:]], dim=2)
            v = torch.cat([cache[1], v[:, :, -steps:]], dim=2)
        scores = q @ k.transpose(2, 3) / self.head_dim**0.5
        if steps > 1:
            square = torch.ones(scores.shape[-2:], dtype=torch.bool, device=x.device)
            scores = scores.masked_fill(square.triu(1), float("-inf"))
        context = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        return self.out_proj(context)[:, -steps:], (k, v)
