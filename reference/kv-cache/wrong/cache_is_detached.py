"""The cache is detached, so no gradient reaches an earlier chunk.

caught-by: test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole
explained-by: kv-cache-gradients
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
        b, s, e = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        t = k.shape[2]
        mask = torch.arange(t, device=x.device) > torch.arange(t - s, t, device=x.device)[:, None]
        scores = torch.einsum("bhsd,bhtd->bhst", q, k) / self.head_dim**0.5
        weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
        out = torch.einsum("bhst,bhtd->bshd", weights, v).reshape(b, s, e)
        return self.out_proj(out), (k.detach(), v.detach())
