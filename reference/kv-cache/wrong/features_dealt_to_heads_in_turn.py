"""Features are dealt to the heads in turn instead of in blocks of d.

caught-by: test_prompt_is_causal, test_one_position_at_a_time_equals_the_whole,
  test_prompt_then_steps_equals_the_whole, test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_cache_holds_keys_then_values_in_order, test_two_beams_continue_from_one_cache,
  test_call_without_cache_starts_afresh, test_late_loss_reaches_early_chunks,
  test_gradients_are_those_of_the_whole, test_float64_is_kept, test_huge_scores_do_not_overflow,
  test_very_negative_scores_do_not_open_the_future, test_strided_input, test_length_has_no_limit,
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

    def split(self, t):
        b, s, _ = t.shape
        return t.view(b, s, self.head_dim, self.num_heads).permute(0, 3, 1, 2)

    def merge(self, t):
        return t.permute(0, 2, 3, 1).flatten(2)

    def forward(self, x, cache=None):
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        if cache is not None:
            k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        s, t = q.size(2), k.size(2)
        visible = torch.ones(s, t, dtype=torch.bool, device=x.device).tril(t - s)
        scores = q.matmul(k.mT).div(self.head_dim**0.5).masked_fill(~visible, -torch.inf)
        return self.out_proj(self.merge(scores.softmax(-1).matmul(v))), (k, v)
