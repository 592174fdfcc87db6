"""Everything is computed in float32 and cast back at the end.

caught-by: test_float64_keeps_its_digits
explained-by: kv-cache-softmax
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        B, S, E = x.shape
        H, d = self.num_heads, self.head_dim
        dtype, x = x.dtype, x.float()
        q = (
            F.linear(x, self.q_proj.weight.float(), self.q_proj.bias.float())
            .view(B, S, H, d)
            .transpose(1, 2)
        )
        k = (
            F.linear(x, self.k_proj.weight.float(), self.k_proj.bias.float())
            .view(B, S, H, d)
            .transpose(1, 2)
        )
        v = (
            F.linear(x, self.v_proj.weight.float(), self.v_proj.bias.float())
            .view(B, S, H, d)
            .transpose(1, 2)
        )
        T = 0
        if cache is not None:
            past_k, past_v = (part.float() for part in cache)
            T = past_k.size(2)
            k = torch.cat([past_k, k], dim=2)
            v = torch.cat([past_v, v], dim=2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(d)
        mask = torch.ones(S, T + S, dtype=torch.bool, device=x.device).tril(diagonal=T)
        scores = scores.masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=-1)
        context = weights @ v
        out = context.transpose(1, 2).reshape(B, S, E)
        return self.out_proj(out.to(dtype)), (k.to(dtype), v.to(dtype))
