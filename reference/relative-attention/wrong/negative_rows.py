"""The offset is not moved to start at row 0: negative indices count from the end.

caught-by: test_the_offset_is_key_minus_query, test_the_table_may_reach_beyond_the_sequences
explained-by: relative-table
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be a multiple of num_heads")
        self.heads = num_heads
        self.dim = embed_dim // num_heads
        self.limit = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * self.limit + 1, self.dim) / 50)

    def forward(self, query, key, value, key_mask=None):
        Q, K = self.q_proj(query), self.k_proj(key)
        V = self.v_proj(value)
        offset = torch.arange(K.shape[1])[None, :] - torch.arange(Q.shape[1])[:, None]
        offset = torch.clamp(offset, min=-self.limit, max=self.limit).to(query.device)
        vectors = self.rel_embed[offset]

        outputs = []
        for head in range(self.heads):
            block = slice(head * self.dim, (head + 1) * self.dim)
            q, k, v = Q[..., block], K[..., block], V[..., block]
            scores = q @ k.transpose(1, 2)
            scores = scores + (q[:, :, None, :] * vectors).sum(-1)
            scores = scores / self.dim**0.5
            if key_mask is not None:
                scores = scores.masked_fill(~key_mask[:, None, :], torch.finfo(scores.dtype).min)
            p = torch.softmax(scores, -1)
            if key_mask is not None:
                p = p * key_mask[:, None, :]
            outputs.append(p @ v)
        return self.out_proj(torch.cat(outputs, dim=-1))
