"""A row without open keys gives zeros: the output is zeroed, not the context.

caught-by: test_where_no_key_is_open_the_bias_comes_out, test_every_key_may_be_closed
explained-by: relative-masked-rows
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

    def scores(self, q, k):
        steps = torch.arange(k.shape[1], device=k.device) - torch.arange(
            q.shape[1], device=q.device
        ).unsqueeze(1)
        rel = self.rel_embed[steps.clamp(-self.max_distance, self.max_distance) + self.max_distance]
        content = torch.einsum("bqhd,bkhd->bhqk", q, k)
        return (content + torch.einsum("bqhd,qkd->bhqk", q, rel)) / self.head_dim**0.5

    def forward(self, query, key, value, key_mask=None):
        heads = (self.num_heads, self.head_dim)
        q = self.q_proj(query).unflatten(-1, heads)
        k = self.k_proj(key).unflatten(-1, heads)
        v = self.v_proj(value).unflatten(-1, heads)
        scores = self.scores(q, k)
        if key_mask is None:
            output = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v).flatten(2)
            return self.out_proj(output)
        scores = scores.masked_fill(~key_mask[:, None, None, :], torch.finfo(scores.dtype).min)
        output = self.out_proj(torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v).flatten(2))
        nothing = ~key_mask.any(dim=1)
        return output.masked_fill(nothing[:, None, None], 0.0)
