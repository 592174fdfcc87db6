"""The number of heads is checked with assert, which is no ValueError.

caught-by: test_features_that_cannot_be_shared_out_are_refused
explained-by: relative-heads
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        assert embed_dim % num_heads == 0, "embed_dim must be divisible by num_heads"
        self.h = num_heads
        self.d = embed_dim // num_heads
        self.m = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.d))

    def forward(self, query, key, value, key_mask=None):
        context = []
        for q, k, v in zip(
            self.q_proj(query).split(self.d, -1),
            self.k_proj(key).split(self.d, -1),
            self.v_proj(value).split(self.d, -1),
            strict=True,
        ):
            context.append(self.attend(q, k, v, key_mask))
        return self.out_proj(torch.cat(context, dim=-1))

    def attend(self, q, k, v, key_mask):
        i = torch.arange(q.shape[1], device=q.device).unsqueeze(1)
        j = torch.arange(k.shape[1], device=q.device)
        rows = (j - i).clamp(-self.m, self.m) + self.m
        scores = q @ k.mT + (q @ self.rel_embed.T).gather(2, rows.expand(len(q), -1, -1))
        scores = scores / self.d**0.5
        if key_mask is None:
            return scores.softmax(-1) @ v
        closed = ~key_mask[:, None, :]
        weights = scores.masked_fill(closed, torch.finfo(scores.dtype).min).softmax(-1)
        return weights.masked_fill(closed, 0.0) @ v
