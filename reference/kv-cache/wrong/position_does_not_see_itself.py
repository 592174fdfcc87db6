"""A position does not attend to itself.

caught-by: test_prompt_is_causal, test_one_position_at_a_time_equals_the_whole,
  test_prompt_then_steps_equals_the_whole, test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_single_batch_head_and_feature, test_two_beams_continue_from_one_cache,
  test_call_without_cache_starts_afresh, test_late_loss_reaches_early_chunks,
  test_gradients_are_those_of_the_whole, test_float64_is_kept, test_huge_scores_do_not_overflow,
  test_very_negative_scores_do_not_open_the_future, test_strided_input,
  test_works_on_an_accelerator
explained-by: kv-cache-offset
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

    def split(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        q = self.split(self.q_proj(x)) / self.head_dim**0.5
        k = self.split(self.k_proj(x))
        v = self.split(self.v_proj(x))
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        key_position = torch.arange(k.size(2), device=x.device)
        query_position = key_position[-x.size(1) :].unsqueeze(-1)
        scores = q @ k.transpose(2, 3)
        scores = torch.where(key_position < query_position, scores, torch.finfo(scores.dtype).min)
        context = scores.softmax(-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(-2)), (k, v)
