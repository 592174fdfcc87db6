"""No causal mask: a prompt sees its own future.

caught-by: test_prompt_is_causal, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_single_batch_head_and_feature,
  test_two_beams_continue_from_one_cache, test_call_without_cache_starts_afresh,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_huge_scores_do_not_overflow,
  test_very_negative_scores_do_not_open_the_future, test_strided_input,
  test_works_on_an_accelerator
explained-by: kv-cache-prefill
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
        batch, steps, embed = x.shape
        q = self.q_proj(x).reshape(batch, steps, self.num_heads, self.head_dim)
        k = self.k_proj(x).reshape(batch, steps, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).reshape(batch, steps, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is not None:
            past_k, past_v = cache
            k = torch.cat((past_k, k), dim=2)
            v = torch.cat((past_v, v), dim=2)
        scores = torch.einsum("bshd,bhtd->bhst", q, k) / self.head_dim**0.5
        attention = torch.softmax(scores, dim=-1)
        context = torch.einsum("bhst,bhtd->bshd", attention, v)
        return self.out_proj(context.reshape(batch, steps, embed)), (k, v)
