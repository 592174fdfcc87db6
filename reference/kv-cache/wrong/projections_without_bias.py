"""The projections of queries, keys and values have no bias.

caught-by: test_four_projections_have_weight_and_bias, test_prompt_is_causal,
  test_one_position_at_a_time_equals_the_whole, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_cache_holds_keys_then_values_in_order,
  test_single_batch_head_and_feature, test_cache_once_returned_is_never_changed,
  test_two_beams_continue_from_one_cache, test_call_without_cache_starts_afresh,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_huge_scores_do_not_overflow,
  test_very_negative_scores_do_not_open_the_future, test_strided_input, test_length_has_no_limit,
  test_works_on_an_accelerator, test_step_projects_one_position,
  test_chunk_projects_its_own_positions
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
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        t = k.size(2)
        future = torch.ones(s, t, dtype=torch.bool, device=x.device).triu(t - s + 1)
        scores = (q @ k.transpose(-2, -1) / self.head_dim**0.5).masked_fill(future, float("-inf"))
        context = (scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(context), (k, v)
