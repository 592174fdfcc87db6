"""A row without open keys gets the mean of all values.

caught-by: test_where_no_key_is_open_the_bias_comes_out, test_every_key_may_be_closed
explained-by: relative-masked-rows
"""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("bad number of heads")
        self.H, self.D, self.M = num_heads, embed_dim // num_heads, max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.D) / self.D)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]
        q = self.q_proj(query).view(B, Q, self.H, self.D).transpose(1, 2)
        k = self.k_proj(key).view(B, K, self.H, self.D).transpose(1, 2)
        v = self.v_proj(value).view(B, K, self.H, self.D).transpose(1, 2)

        grid = torch.arange(K, device=q.device).expand(Q, K)
        grid = grid - torch.arange(Q, device=q.device).unsqueeze(-1)
        r = self.rel_embed[torch.clamp(grid, -self.M, self.M) + self.M]

        content = torch.matmul(q, k.transpose(-1, -2))
        position = torch.matmul(q.permute(2, 0, 1, 3).reshape(Q, B * self.H, self.D), r.mT)
        position = position.view(Q, B, self.H, K).permute(1, 2, 0, 3)
        scores = (content + position) / math.sqrt(self.D)
        if key_mask is not None:
            scores = scores.masked_fill(
                key_mask[:, None, None, :] == 0, torch.finfo(scores.dtype).min
            )
        p = torch.softmax(scores, dim=-1)
        return self.out_proj(torch.matmul(p, v).transpose(1, 2).reshape(B, Q, E))
