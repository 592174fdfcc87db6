"""The values are projected from the keys.

caught-by: test_content_alone_is_scaled_by_the_root_of_the_head_dimension
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
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        q, k, v = (
            projection(source).unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)
            for projection, source in (
                (self.q_proj, query),
                (self.k_proj, key),
                (self.v_proj, key),
            )
        )
        device = query.device
        j = torch.arange(k.shape[2], device=device)
        i = torch.arange(q.shape[2], device=device)
        row = torch.clip(j - i[:, None], -self.max_distance, self.max_distance) + self.max_distance
        scores = torch.einsum("bhid,bhjd->bhij", q, k)
        scores = scores + torch.einsum("bhid,ijd->bhij", q, self.rel_embed[row])
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None], torch.finfo(scores.dtype).min)
            weights = scores.softmax(-1) * key_mask[:, None, None]
        else:
            weights = scores.softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))
