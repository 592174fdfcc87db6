"""The mask of a chunk is not moved past the cache: row i sees keys 0 to i.

caught-by: test_one_position_at_a_time_equals_the_whole, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_single_batch_head_and_feature,
  test_two_beams_continue_from_one_cache, test_late_loss_reaches_early_chunks,
  test_gradients_are_those_of_the_whole, test_float64_is_kept, test_length_has_no_limit,
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

    def _shape(self, t):
        b, s, _ = t.shape
        return t.view(b, s, self.num_heads, self.head_dim).permute(0, 2, 1, 3)

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q, k, v = (
            self._shape(self.q_proj(x)),
            self._shape(self.k_proj(x)),
            self._shape(self.v_proj(x)),
        )
        if cache is not None:
            k = torch.cat([cache[0], k], dim=-2)
            v = torch.cat([cache[1], v], dim=-2)
        total = k.shape[-2]
        scores = torch.matmul(q, k.transpose(-1, -2)) * self.head_dim**-0.5
        allowed = torch.tril(torch.ones(s, total, device=x.device)).bool()
        scores = scores.masked_fill(~allowed, float("-inf"))
        out = torch.matmul(scores.softmax(dim=-1), v)
        out = out.permute(0, 2, 1, 3).reshape(b, s, e)
        return self.out_proj(out), (k, v)
