"""x is flattened with view, which a transposed x does not allow.

caught-by: test_strided_input
explained-by: kv-cache-heads
"""

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        batch, steps, embed = x.shape
        flat = x.view(batch * steps, embed)
        q, k, v = (
            layer(flat).view(batch, steps, self.num_heads, self.head_dim).transpose(1, 2)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        past = k.shape[2] - steps
        allowed = torch.ones(steps, past + steps, dtype=torch.bool, device=x.device).tril(past)
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        attention = scores.masked_fill(~allowed, float("-inf")).softmax(dim=-1)
        context = (attention @ v).transpose(1, 2).reshape(batch * steps, embed)
        return self.out_proj(context).view(batch, steps, embed), (k, v)
