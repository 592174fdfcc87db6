"""The softmax runs over the queries.

caught-by: test_content_alone_is_scaled_by_the_root_of_the_head_dimension
explained-by: relative-scale
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.n, self.d, self.m = num_heads, embed_dim // num_heads, max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.d) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]
        q = self.q_proj(query).view(B, Q, self.n, self.d)
        k = self.k_proj(key).view(B, K, self.n, self.d)
        v = self.v_proj(value).view(B, K, self.n, self.d)
        idx = torch.arange(K, device=q.device)[None] - torch.arange(Q, device=q.device)[:, None]
        idx = idx.clamp(-self.m, self.m) + self.m
        logits = torch.einsum("bqnd,bknd->bqkn", q, k)
        logits = logits + torch.einsum("bqnd,qkd->bqkn", q, self.rel_embed[idx])
        logits = logits / self.d**0.5
        if key_mask is not None:
            logits = logits.masked_fill(~key_mask[:, None, :, None], torch.finfo(logits.dtype).min)
        probs = logits.softmax(dim=1)
        if key_mask is not None:
            probs = probs * key_mask[:, None, :, None]
        out = torch.einsum("bqkn,bknd->bqnd", probs, v)
        return self.out_proj(out.reshape(B, Q, E))
