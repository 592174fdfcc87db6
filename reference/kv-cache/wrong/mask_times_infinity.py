"""All scores become nan, as when a mask of zeros and ones is multiplied by -inf.

caught-by: test_prompt_is_causal, test_one_position_at_a_time_equals_the_whole,
    test_prompt_then_steps_equals_the_whole, test_chunk_after_a_cache_is_causal_and_sees_the_past,
    test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
    test_single_batch_head_and_feature, test_beams_share_a_cache_without_autograd_too,
    test_two_beams_continue_from_one_cache, test_call_without_cache_starts_afresh,
    test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
    test_float64_is_kept, test_float64_keeps_its_digits, test_huge_scores_do_not_overflow,
    test_very_negative_scores_do_not_open_the_future, test_rows_on_other_levels_keep_their_weights,
    test_strided_input, test_length_has_no_limit, test_works_on_an_accelerator
explained-by: kv-cache-softmax
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

    def _heads(self, t):
        return t.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def forward(self, x, cache=None):
        q, k, v = (self._heads(p(x)) for p in (self.q_proj, self.k_proj, self.v_proj))
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        new, total = q.shape[2], k.shape[2]
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        future = torch.ones(new, total, dtype=x.dtype, device=x.device).triu(total - new + 1)
        scores = scores + future * float("-inf")
        context = scores.softmax(dim=-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2)), (k, v)
