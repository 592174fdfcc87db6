"""The cache is stored in bfloat16 to save memory.

caught-by: test_one_position_at_a_time_equals_the_whole, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_cache_holds_keys_then_values_in_order,
  test_two_beams_continue_from_one_cache, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_works_on_an_accelerator
explained-by: kv-cache-memory
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
        q = self.q_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
        if cache is not None:
            k = torch.cat([cache[0].to(x.dtype), k], dim=2)
            v = torch.cat([cache[1].to(x.dtype), v], dim=2)
        t = k.size(2)
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        mask = torch.triu(torch.ones(s, t, device=x.device), diagonal=t - s + 1) == 1
        scores = scores.masked_fill(mask, torch.finfo(scores.dtype).min)
        out = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(out), (k.to(torch.bfloat16), v.to(torch.bfloat16))
