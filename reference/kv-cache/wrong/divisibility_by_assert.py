"""An assert refuses a bad number of heads, where a ValueError is asked for.

caught-by: test_embed_dim_that_does_not_divide_is_refused
explained-by: kv-cache-heads
"""

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        assert embed_dim % num_heads == 0, "embed_dim must be divisible by num_heads"
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def _split(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        q, k, v = (
            self._split(self.q_proj(x)),
            self._split(self.k_proj(x)),
            self._split(self.v_proj(x)),
        )
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        s, t = q.size(2), k.size(2)
        scores = torch.einsum("bhsd,bhtd->bhst", q, k) / self.head_dim**0.5
        future = torch.ones(s, t, dtype=torch.bool, device=x.device).triu(t - s + 1)
        attention = scores.masked_fill(future, float("-inf")).softmax(dim=-1)
        context = torch.einsum("bhst,bhtd->bshd", attention, v).flatten(2)
        return self.out_proj(context), (k, v)
