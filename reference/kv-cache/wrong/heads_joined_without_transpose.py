"""Heads are joined by a reshape of (B, H, S, d) without moving S first.

caught-by: test_prompt_is_causal, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_two_beams_continue_from_one_cache,
  test_call_without_cache_starts_afresh, test_late_loss_reaches_early_chunks,
  test_gradients_are_those_of_the_whole, test_float64_is_kept, test_huge_scores_do_not_overflow,
  test_very_negative_scores_do_not_open_the_future, test_strided_input,
  test_works_on_an_accelerator
explained-by: kv-cache-heads
"""

import torch
from torch import Tensor, nn


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

    def forward(self, x: Tensor, cache: tuple[Tensor, Tensor] | None = None):
        b, s, e = x.shape
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        if cache is not None:
            k = torch.cat([cache[0], k], 2)
            v = torch.cat([cache[1], v], 2)
        total = k.shape[2]
        keep = torch.ones(total, total, dtype=torch.bool, device=x.device).tril()[total - s :]
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / self.head_dim**0.5
        weights = torch.where(keep, scores, float("-inf")).softmax(-1)
        context = torch.einsum("bhqk,bhkd->bhqd", weights, v)
        return self.out_proj(context.contiguous().view(b, s, e)), (k, v)
