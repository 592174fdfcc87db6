"""The 1 / sqrt(d) goes into the keys before they are cached, so old keys get it again.

caught-by: test_one_position_at_a_time_equals_the_whole, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_two_beams_continue_from_one_cache,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_works_on_an_accelerator
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

    def forward(self, x, cache=None):
        b, s, e = x.shape
        split = (b, s, self.num_heads, self.head_dim)
        q = self.q_proj(x).view(split).transpose(1, 2)
        k = self.k_proj(x).view(split).transpose(1, 2)
        v = self.v_proj(x).view(split).transpose(1, 2)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        k = k / self.head_dim**0.5
        t = k.shape[2]
        hidden = torch.ones(s, t, device=x.device).triu(t - s + 1).bool()
        p = (q @ k.transpose(-1, -2)).masked_fill(hidden, float("-inf")).softmax(-1)
        y = (p @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(y), (k, v)
