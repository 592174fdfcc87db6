"""One product with the keys and the table side by side; the softmax through logsumexp."""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(0.02 * torch.randn(2 * max_distance + 1, self.head_dim))

    def forward(self, query, key, value, key_mask=None):
        b, n, _ = query.shape
        t = key.shape[1]
        h, d, m = self.num_heads, self.head_dim, self.max_distance
        split = lambda x: x.view(b, x.shape[1], h, d).permute(0, 2, 1, 3)
        q = split(self.q_proj(query)) * (1.0 / math.sqrt(d))
        k, v = split(self.k_proj(key)), split(self.v_proj(value))
        table = self.rel_embed.expand(b, h, 2 * m + 1, d)
        both = q @ torch.cat((k, table), dim=2).transpose(-1, -2)
        content, position = both[..., :t], both[..., t:]
        i = torch.arange(n, device=q.device).reshape(n, 1)
        j = torch.arange(t, device=q.device).reshape(1, t)
        rows = (j - i).clamp(min=-m).clamp(max=m) + m
        s = content + torch.take_along_dim(position, rows.reshape(1, 1, n, t), dim=-1)
        if key_mask is not None:
            keep = key_mask.reshape(b, 1, 1, t)
            s = torch.where(keep, s, s.new_tensor(torch.finfo(s.dtype).min))
        w = (s - torch.logsumexp(s, dim=-1, keepdim=True)).exp()
        if key_mask is not None:
            w = w * keep.to(w.dtype)
        return self.out_proj((w @ v).permute(0, 2, 1, 3).reshape(b, n, h * d))
