"""The new keys and values are put in front of the cached ones.

caught-by: test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_cache_holds_keys_then_values_in_order, test_single_batch_head_and_feature,
  test_two_beams_continue_from_one_cache, test_late_loss_reaches_early_chunks,
  test_gradients_are_those_of_the_whole, test_float64_is_kept, test_works_on_an_accelerator
explained-by: kv-cache-memory
"""

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, -1).transpose(1, 2)
        k = self.k_proj(x).view(b, s, self.num_heads, -1).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, -1).transpose(1, 2)
        past = 0
        if cache is not None:
            past = cache[0].shape[2]
            k, v = torch.cat([k, cache[0]], dim=2), torch.cat([v, cache[1]], dim=2)
        total = past + s
        mask = torch.tril(torch.ones(s, total, device=x.device), diagonal=past)
        scores = (q @ k.transpose(2, 3)) / self.head_dim**0.5
        scores = scores.masked_fill(mask == 0, -1e9)
        out = (scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(out), (k, v)
