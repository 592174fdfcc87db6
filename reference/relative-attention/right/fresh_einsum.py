"""Einsum all through, with one table of relative vectors (Q, K, d) for all heads and samples."""

import torch
from torch import einsum, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        if num_heads < 1 or embed_dim % num_heads != 0:
            raise ValueError("num_heads must divide embed_dim")
        super().__init__()
        self.num_heads, self.max_distance = num_heads, max_distance
        self.rel_embed = nn.Parameter(torch.empty(2 * max_distance + 1, embed_dim // num_heads))
        nn.init.xavier_uniform_(self.rel_embed)
        self.q_proj, self.k_proj, self.v_proj = (
            nn.Linear(embed_dim, embed_dim, bias=False) for _ in range(3)
        )
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def relative(self, q_len, k_len):
        device = self.rel_embed.device
        j = torch.arange(k_len, device=device).unsqueeze(0)
        i = torch.arange(q_len, device=device).unsqueeze(1)
        index = torch.clamp(j - i, min=-self.max_distance, max=self.max_distance)
        return self.rel_embed[index + self.max_distance]

    def forward(self, query, key, value, key_mask=None):
        q, k, v = (
            layer(t).unflatten(-1, (self.num_heads, -1))  # (B, L, H, d)
            for layer, t in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        r = self.relative(q.size(1), k.size(1))
        score = einsum("bqhd,bkhd->bhqk", q, k) + einsum("bqhd,qkd->bhqk", q, r)
        score = score * q.size(-1) ** -0.5
        if key_mask is None:
            weight = torch.softmax(score, dim=-1)
        else:
            mask = key_mask[:, None, None, :]
            none = ~mask.any(dim=-1, keepdim=True)
            score = torch.where(mask | none, score, -torch.inf)
            weight = torch.softmax(score, dim=-1).masked_fill(none, 0.0)
        context = einsum("bhqk,bkhd->bqhd", weight, v)
        return self.out_proj(context.flatten(2))
