"""The triangle of a chunk is put over the oldest keys, not over its own.

caught-by: test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_single_batch_head_and_feature, test_two_beams_continue_from_one_cache,
  test_late_loss_reaches_early_chunks,
  test_gradients_are_those_of_the_whole, test_float64_is_kept, test_float64_keeps_its_digits,
  test_works_on_an_accelerator
explained-by: kv-cache-offset
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
    mask = torch.triu(torch.ones(new, new, device=device), diagonal=1)
    return torch.cat([mask, torch.zeros(new, past, device=device)], dim=1).bool()


def stable_softmax(z):
    z = z - z.max(dim=-1, keepdim=True).values
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
