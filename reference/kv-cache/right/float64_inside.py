"""Attention in float64 whatever comes in, finite masked scores, the cache as a list."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int):
        super().__init__()
        self.head_dim, rest = divmod(embed_dim, num_heads)
        if rest != 0:
            raise ValueError(f"{embed_dim} % {num_heads} = {rest}")
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(embed_dim, embed_dim, bias=True))

    def heads(self, layer, x):
        wide = F.linear(x.double(), layer.weight.double(), layer.bias.double())
        return wide.reshape(*wide.shape[:2], -1, self.head_dim).movedim(2, 1)

    def forward(self, x, cache=None):
        q = self.heads(self.q_proj, x)
        k = self.heads(self.k_proj, x)
        v = self.heads(self.v_proj, x)
        if cache is not None:
            k = torch.cat([cache[0].double(), k], dim=-2)
            v = torch.cat([cache[1].double(), v], dim=-2)
        new, total = q.size(-2), k.size(-2)
        keep = torch.ones(new, total, device=x.device).tril(total - new)
        scores = torch.matmul(q, k.mT).div(self.head_dim**0.5).masked_fill(keep == 0, -1e9)
        context = torch.matmul(F.softmax(scores, dim=-1), v).movedim(1, 2).flatten(2)
        return self.out_proj(context.to(x.dtype)), [k.to(x.dtype), v.to(x.dtype)]
