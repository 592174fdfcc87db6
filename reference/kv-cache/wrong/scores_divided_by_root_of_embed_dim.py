"""Scores are divided by the root of embed_dim, not of the head's size.

caught-by: test_prompt_is_causal, test_one_position_at_a_time_equals_the_whole,
  test_prompt_then_steps_equals_the_whole, test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_two_beams_continue_from_one_cache, test_call_without_cache_starts_afresh,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_strided_input, test_works_on_an_accelerator
explained-by: kv-cache-softmax
"""

import torch
import torch.nn as nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("num_heads has to divide embed_dim")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.scale = embed_dim**-0.5
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def _heads(self, t):
        batch, steps, _ = t.shape
        return t.view(batch, steps, self.num_heads, -1).transpose(1, 2)

    def forward(self, x, cache=None):
        q = self._heads(self.q_proj(x)) * self.scale
        k = self._heads(self.k_proj(x))
        v = self._heads(self.v_proj(x))
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        steps, total = q.shape[2], k.shape[2]
        future = torch.ones(steps, total, dtype=torch.bool, device=x.device)
        future = future.triu(diagonal=1 + total - steps)
        attention = (q @ k.transpose(2, 3)).masked_fill(future, float("-inf")).softmax(-1)
        context = (attention @ v).transpose(1, 2).reshape(x.shape)
        return self.out_proj(context), (k, v)
