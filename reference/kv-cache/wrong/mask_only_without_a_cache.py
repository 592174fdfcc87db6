"""The causal mask is applied to the prompt only, not to a later chunk.

caught-by: test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_single_batch_head_and_feature, test_two_beams_continue_from_one_cache,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_works_on_an_accelerator
explained-by: kv-cache-offset
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(f"{embed_dim} features cannot be split into {num_heads} heads")
        self.h, self.d = num_heads, embed_dim // num_heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self.add_module(name, nn.Linear(embed_dim, embed_dim))

    def heads(self, t):
        return t.unflatten(2, (self.h, self.d)).movedim(2, 1)

    def forward(self, x, cache=None):
        n = x.size(1)
        q, k, v = (self.heads(p(x)) for p in (self.q_proj, self.k_proj, self.v_proj))
        if cache is None:
            bias = x.new_full((n, n), -math.inf).triu(1)
        else:
            k, v = (torch.cat(pair, 2) for pair in zip(cache, (k, v)))
            bias = x.new_zeros(n, k.size(2))
        a = F.softmax(q @ k.mT / math.sqrt(self.d) + bias, -1)
        return self.out_proj((a @ v).movedim(1, 2).flatten(2)), (k, v)
