"""Softmax by hand; the products with the table are picked by a one-hot einsum."""

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
        heads = (self.num_heads, self.head_dim)
        q = self.q_proj(query).unflatten(2, heads)
        k = self.k_proj(key).unflatten(2, heads)
        v = self.v_proj(value).unflatten(2, heads)
        i = torch.arange(q.shape[1], device=q.device)[:, None]
        j = torch.arange(k.shape[1], device=q.device)[None, :]
        rows = (j - i).clip(-self.max_distance, self.max_distance) + self.max_distance
        picked = nn.functional.one_hot(rows, len(self.rel_embed)).to(q.dtype)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k)
        scores = scores + torch.einsum("bqhd,rd,qkr->bhqk", q, self.rel_embed, picked)
        scores = scores / torch.sqrt(torch.tensor(self.head_dim, dtype=q.dtype, device=q.device))
        if key_mask is not None:
            scores = scores.where(key_mask[:, None, None, :], -torch.inf)
        top = scores.amax(-1, keepdim=True).detach()
        mass = (scores - top.where(top.isfinite(), torch.zeros_like(top))).exp()
        total = mass.sum(-1, keepdim=True)
        weights = mass / torch.where(total > 0, total, torch.ones_like(total))
        return self.out_proj(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(2))
