"""One maximum is subtracted from all rows, and rows far below it underflow.

caught-by: test_huge_scores_do_not_overflow, test_very_negative_scores_do_not_open_the_future,
  test_rows_on_other_levels_keep_their_weights
explained-by: kv-cache-softmax
"""

import torch
import torch.nn as nn


def split_heads(t, n_heads):
    b, s, e = t.shape
    return t.reshape(b, s, n_heads, e // n_heads).permute(0, 2, 1, 3)


def join_heads(t):
    b, h, s, d = t.shape
    return t.permute(0, 2, 1, 3).reshape(b, s, h * d)


def causal_mask(new, past, device):
    """True where attention is not allowed."""
    return torch.triu(torch.ones(new, past + new, device=device), diagonal=past + 1).bool()


def stable_softmax(z):
    z = z - z.max()
    e = z.exp()
    return e / e.sum(dim=-1, keepdim=True)


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("heads do not divide the embedding")
        self.n_heads = num_heads
        self.d_head = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=True)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=True)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=True)
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=True)

    def forward(self, x, cache=None):
        q = split_heads(self.q_proj(x), self.n_heads) / self.d_head**0.5
        k = split_heads(self.k_proj(x), self.n_heads)
        v = split_heads(self.v_proj(x), self.n_heads)
        past = 0
        if cache is not None:
            past = cache[0].shape[2]
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        scores = torch.matmul(q, k.mT)
        scores = scores.masked_fill(causal_mask(x.shape[1], past, x.device), -torch.inf)
        probs = stable_softmax(scores)
        return self.out_proj(join_heads(probs @ v)), (k, v)
