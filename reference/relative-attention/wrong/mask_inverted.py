"""The mask is read the other way round: True closes a key.

caught-by: test_a_closed_key_gets_no_weight_and_the_others_share_it
explained-by: relative-mask
"""

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
        batch, tgt, dim = query.size()
        src = key.size(1)
        q = self.q_proj(query).view(batch, tgt, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(key).view(batch, src, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(value).view(batch, src, self.num_heads, self.head_dim).transpose(1, 2)

        pos = torch.arange(src, device=q.device) - torch.arange(tgt, device=q.device).view(-1, 1)
        pos = pos.clamp(-self.max_distance, self.max_distance) + self.max_distance
        scores = q @ k.transpose(-2, -1) + torch.einsum("bhtd,tsd->bhts", q, self.rel_embed[pos])
        scores = scores / self.head_dim**0.5

        if key_mask is not None:
            padding = key_mask[:, None, None, :]
            scores = scores.masked_fill(padding, torch.finfo(scores.dtype).min)
            weights = F.softmax(scores, dim=-1).masked_fill(padding, 0.0)
        else:
            weights = F.softmax(scores, dim=-1)
        context = (weights @ v).transpose(1, 2).contiguous().view(batch, tgt, dim)
        return self.out_proj(context)
