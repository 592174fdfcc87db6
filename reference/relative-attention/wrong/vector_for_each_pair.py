"""A vector is built for every pair of every head: the sum of key and position, say.

caught-by: test_no_tensor_holds_a_vector_for_each_pair_of_each_head
explained-by: relative-memory
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
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, query, key, value, key_mask=None):
        q = self.split(self.q_proj(query))
        k = self.split(self.k_proj(key))
        v = self.split(self.v_proj(value))

        i = torch.arange(q.shape[2], device=q.device)[:, None]
        j = torch.arange(k.shape[2], device=q.device)[None, :]
        offset = (j - i).clamp(-self.max_distance, self.max_distance)
        r = self.rel_embed[offset + self.max_distance]
        moved = k.unsqueeze(2) + r
        scores = (q.unsqueeze(3) * moved).sum(-1) / self.head_dim**0.5

        if key_mask is None:
            weights = scores.softmax(-1)
        else:
            closed = ~key_mask[:, None, None, :]
            weights = scores.masked_fill(closed, torch.finfo(scores.dtype).min).softmax(-1)
            weights = weights.masked_fill(closed, 0.0)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
