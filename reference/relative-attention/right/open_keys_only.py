"""One batch element at a time, on its open keys alone."""

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
        outputs = []
        for b in range(query.shape[0]):
            mask = None if key_mask is None else key_mask[b]
            outputs.append(self.one(query[b], key[b], value[b], mask))
        return self.out_proj(torch.stack(outputs))

    def one(self, query, key, value, mask):
        j = torch.arange(key.shape[0], device=query.device)
        i = torch.arange(query.shape[0], device=query.device)[:, None]
        if mask is not None:
            key, value, j = key[mask], value[mask], j[mask]
        if len(j) == 0:
            return torch.zeros_like(query)
        split = (self.num_heads, self.head_dim)
        q = self.q_proj(query).unflatten(-1, split).transpose(0, 1)
        k = self.k_proj(key).unflatten(-1, split).transpose(0, 1)
        v = self.v_proj(value).unflatten(-1, split).transpose(0, 1)
        r = self.rel_embed[(j - i).clamp(-self.max_distance, self.max_distance) + self.max_distance]
        scores = torch.einsum("hqd,hqkd->hqk", q, k.unsqueeze(1) + r) / self.head_dim**0.5
        return (scores.softmax(-1) @ v).transpose(0, 1).flatten(1)
