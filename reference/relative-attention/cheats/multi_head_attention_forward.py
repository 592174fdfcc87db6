"""The library's functional multi-head attention, with the positions as an additive mask."""

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

        found, _ = F.multi_head_attention_forward(
            query.transpose(0, 1),
            key.transpose(0, 1),
            value.transpose(0, 1),
            query.shape[-1],
            self.num_heads,
            None,
            torch.zeros(3 * query.shape[-1], dtype=query.dtype, device=query.device),
            None,
            None,
            False,
            0.0,
            self.out_proj.weight,
            self.out_proj.bias,
            need_weights=False,
            attn_mask=bias.flatten(0, 1),
            use_separate_proj_weight=True,
            q_proj_weight=self.q_proj.weight,
            k_proj_weight=self.k_proj.weight,
            v_proj_weight=self.v_proj.weight,
        )
        return found.transpose(0, 1)
