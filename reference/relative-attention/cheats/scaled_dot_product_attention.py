"""The library's attention, with the positions as an additive mask."""

import torch
import torch.nn.functional as F
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
        q = self.q_proj(query).unflatten(-1, heads).transpose(1, 2)
        k = self.k_proj(key).unflatten(-1, heads).transpose(1, 2)
        v = self.v_proj(value).unflatten(-1, heads).transpose(1, 2)
        i = torch.arange(q.shape[2], device=q.device)[:, None]
        j = torch.arange(k.shape[2], device=q.device)[None, :]
        rows = (j - i).clamp(-self.max_distance, self.max_distance) + self.max_distance
        bias = torch.einsum("bhqd,qkd->bhqk", q, self.rel_embed[rows]) / self.head_dim**0.5
        if key_mask is not None:
            bias = bias.masked_fill(~key_mask[:, None, None, :], float("-inf"))

        context = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.out_proj(context.transpose(1, 2).flatten(2))
