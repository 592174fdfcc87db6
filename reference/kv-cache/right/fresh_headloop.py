"""Head by head; positions are compared as numbers; the exponentials by hand, in double precision."""

import torch
from torch import nn


class Head:
    """The part of one head, without parameters of its own."""

    def __init__(self, index, width):
        self.columns = slice(index * width, (index + 1) * width)
        self.width = width

    def __call__(self, q, k, v, allowed):
        wide = q.dtype if q.device.type == "mps" else torch.float64
        score = (
            torch.bmm(q[..., self.columns].to(wide), k.transpose(1, 2).to(wide)) / self.width**0.5
        )
        score = torch.where(allowed, score, torch.full_like(score, float("-inf")))
        e = torch.exp(score - score.amax(dim=2, keepdim=True))
        return (torch.bmm(e, v.to(wide)) / e.sum(dim=2, keepdim=True)).to(q.dtype)


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if num_heads <= 0 or embed_dim % num_heads > 0:
            raise ValueError("num_heads must divide embed_dim")
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.heads = [Head(h, embed_dim // num_heads) for h in range(num_heads)]

    def forward(self, x, cache=None):
        queries, keys, values = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        new_k = torch.stack([keys[..., head.columns] for head in self.heads], dim=1)
        new_v = torch.stack([values[..., head.columns] for head in self.heads], dim=1)
        old = 0 if cache is None else cache[0].shape[2]
        all_k = new_k if not old else torch.cat([cache[0], new_k], dim=-2)
        all_v = new_v if not old else torch.cat([cache[1], new_v], dim=-2)
        here = torch.arange(old, old + x.shape[1], device=x.device).unsqueeze(1)
        there = torch.arange(all_k.shape[2], device=x.device).unsqueeze(0)
        contexts = [
            head(queries, all_k[:, h], all_v[:, h], there <= here)
            for h, head in enumerate(self.heads)
        ]
        return self.out_proj(torch.cat(contexts, dim=-1)), (all_k, all_v)
