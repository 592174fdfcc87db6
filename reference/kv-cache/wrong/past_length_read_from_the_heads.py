"""The length of the past is read from the heads axis of the cache.

caught-by: test_one_position_at_a_time_equals_the_whole, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_two_beams_continue_from_one_cache,
  test_gradients_are_those_of_the_whole, test_length_has_no_limit
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
        batch, length, width = x.size()

        def heads(t):
            return t.view(batch, length, self.num_heads, self.head_dim).transpose(1, 2)

        query, key, value = heads(self.q_proj(x)), heads(self.k_proj(x)), heads(self.v_proj(x))
        offset = 0
        if cache is not None:
            offset = cache[0].shape[1]
            key = torch.cat((cache[0], key), dim=-2)
            value = torch.cat((cache[1], value), dim=-2)
        scores = query @ key.transpose(-2, -1) / self.head_dim**0.5
        rows = torch.arange(length, device=x.device)[:, None] + offset
        columns = torch.arange(key.shape[-2], device=x.device)[None, :]
        scores = scores.masked_fill(columns > rows, float("-inf"))
        context = torch.softmax(scores, dim=-1) @ value
        context = context.transpose(1, 2).contiguous().view(batch, length, width)
        return self.out_proj(context), (key, value)
