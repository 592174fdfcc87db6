"""A cache that is given is not read: every chunk is a sequence of its own.

caught-by: test_cache_grows_by_the_new_positions, test_one_position_at_a_time_equals_the_whole,
  test_prompt_then_steps_equals_the_whole, test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_cache_holds_keys_then_values_in_order, test_single_batch_head_and_feature,
  test_beams_share_a_cache_without_autograd_too, test_two_beams_continue_from_one_cache,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_float64_keeps_its_digits, test_length_has_no_limit,
  test_works_on_an_accelerator
explained-by: kv-cache-memory
"""

import math

import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        B, S, E = x.shape
        H, d = self.num_heads, self.head_dim
        q = self.q_proj(x).view(B, S, H, d).transpose(1, 2)
        k = self.k_proj(x).view(B, S, H, d).transpose(1, 2)
        v = self.v_proj(x).view(B, S, H, d).transpose(1, 2)
        T = 0
        if False and cache is not None:
            past_k, past_v = cache
            T = past_k.size(2)
            k = torch.cat([past_k, k], dim=2)
            v = torch.cat([past_v, v], dim=2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(d)
        mask = torch.ones(S, T + S, dtype=torch.bool, device=x.device).tril(diagonal=T)
        scores = scores.masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=-1)
        context = weights @ v
        out = context.transpose(1, 2).reshape(B, S, E)
        return self.out_proj(out), (k, v)
