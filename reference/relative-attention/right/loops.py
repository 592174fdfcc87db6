"""One pair at a time; closed keys are never visited."""

import math

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
        q, k, v = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        rows = []
        for b in range(query.shape[0]):
            visited = [j for j in range(key.shape[1]) if key_mask is None or key_mask[b, j].item()]
            for i in range(query.shape[1]):
                heads = []
                for h in range(self.num_heads):
                    block = slice(h * self.head_dim, (h + 1) * self.head_dim)
                    heads.append(
                        self.one(q[b, i, block], k[b, :, block], v[b, :, block], i, visited)
                    )
                rows.append(torch.cat(heads))
        return self.out_proj(torch.stack(rows).reshape(query.shape))

    def one(self, q, k, v, i, visited):
        if not visited:
            return torch.zeros_like(q)
        scores = []
        for j in visited:
            row = max(-self.max_distance, min(self.max_distance, j - i)) + self.max_distance
            scores.append(torch.dot(q, k[j] + self.rel_embed[row]) / math.sqrt(self.head_dim))
        weights = torch.softmax(torch.stack(scores), dim=0)
        return sum(weight * v[j] for weight, j in zip(weights, visited, strict=True))
