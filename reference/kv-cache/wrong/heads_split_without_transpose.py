"""Heads are split by a view as (B, H, S, d), which deals out positions.

caught-by: test_prompt_is_causal, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_cache_holds_keys_then_values_in_order,
  test_two_beams_continue_from_one_cache, test_call_without_cache_starts_afresh,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_very_negative_scores_do_not_open_the_future, test_strided_input,
  test_works_on_an_accelerator
explained-by: kv-cache-heads
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
        B, S, E = x.shape
        q = self.q_proj(x).reshape(B, self.num_heads, S, self.head_dim)
        k = self.k_proj(x).reshape(B, self.num_heads, S, self.head_dim)
        v = self.v_proj(x).reshape(B, self.num_heads, S, self.head_dim)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        T = k.size(2) - S
        mask = torch.full((S, T + S), float("-inf"), device=x.device, dtype=x.dtype).triu(T + 1)
        scores = torch.matmul(q, k.transpose(-2, -1)) / self.head_dim**0.5 + mask
        context = torch.matmul(scores.softmax(dim=-1), v)
        return self.out_proj(context.reshape(B, S, E)), (k, v)
