"""The positions are built for as many queries as keys, and cut: more queries than keys break it.

caught-by: test_there_may_be_more_queries_than_keys
explained-by: relative-direction
"""

import torch
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

    def relative_positions(self, length, device):
        line = torch.arange(length, device=device)
        square = line.repeat(length, 1)
        square = square - square.t()
        square = torch.clamp(square, -self.max_distance, self.max_distance)
        return square + self.max_distance

    def forward(self, query, key, value, key_mask=None):
        batch, length_q = query.shape[:2]
        length_k = key.shape[1]
        heads = (self.num_heads, self.head_dim)
        q = self.q_proj(query).view(batch, length_q, *heads).permute(0, 2, 1, 3)
        k = self.k_proj(key).view(batch, length_k, *heads).permute(0, 2, 1, 3)
        v = self.v_proj(value).view(batch, length_k, *heads).permute(0, 2, 1, 3)

        relations = self.rel_embed[self.relative_positions(length_k, q.device)[:length_q]]
        first = torch.matmul(q, k.permute(0, 1, 3, 2))
        flat = q.permute(2, 0, 1, 3).reshape(length_q, batch * self.num_heads, self.head_dim)
        second = torch.matmul(flat, relations.transpose(1, 2)).transpose(0, 1)
        second = second.reshape(batch, self.num_heads, length_q, length_k)
        scores = (first + second) / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
        attention = torch.softmax(scores, dim=-1)
        if key_mask is not None:
            attention = attention * key_mask[:, None, None, :]
        out = torch.matmul(attention, v).permute(0, 2, 1, 3).contiguous()
        return self.out_proj(out.view(batch, length_q, -1))
