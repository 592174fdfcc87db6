"""The mask is applied after the softmax: the open keys' weights no longer sum to one.

caught-by: test_a_closed_key_gets_no_weight_and_the_others_share_it
explained-by: relative-mask
"""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        contexts = []
        for q, k, v in zip(
            self.q_proj(query).chunk(self.num_heads, dim=-1),
            self.k_proj(key).chunk(self.num_heads, dim=-1),
            self.v_proj(value).chunk(self.num_heads, dim=-1),
            strict=True,
        ):
            contexts.append(self.one_head(q, k, v, key_mask))
        return self.out_proj(torch.cat(contexts, -1))

    def one_head(self, q, k, v, key_mask):
        queries = torch.arange(q.shape[1], device=q.device)
        keys = torch.arange(k.shape[1], device=q.device)
        offset = (keys[None, :] - queries[:, None]).clamp(-self.max_distance, self.max_distance)
        rel = self.rel_embed[offset + self.max_distance]
        scores = torch.bmm(q, k.transpose(1, 2)) + torch.einsum("bqd,qkd->bqk", q, rel)
        weights = torch.softmax(scores / math.sqrt(self.head_dim), dim=-1)
        if key_mask is not None:
            weights = weights * key_mask.unsqueeze(1)
        return torch.bmm(weights, v)
