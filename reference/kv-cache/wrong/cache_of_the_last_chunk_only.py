"""The cache returned holds only the positions of the last chunk.

caught-by: test_cache_grows_by_the_new_positions, test_one_position_at_a_time_equals_the_whole,
  test_prompt_then_steps_equals_the_whole, test_uneven_chunks_equal_the_whole,
  test_cache_holds_keys_then_values_in_order, test_two_beams_continue_from_one_cache,
  test_gradients_are_those_of_the_whole, test_works_on_an_accelerator
explained-by: kv-cache-memory
"""

import torch
from torch import nn


def causal(s, t, device):
    i = torch.arange(t - s, t, device=device)
    return i.unsqueeze(1) >= torch.arange(t, device=device)


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

    def to_heads(self, t):
        return t.reshape(*t.shape[:2], self.num_heads, self.head_dim).transpose(1, 2)

    def forward(self, x, cache=None):
        q, new_k, new_v = map(self.to_heads, (self.q_proj(x), self.k_proj(x), self.v_proj(x)))
        k, v = new_k, new_v
        if cache is not None:
            k = torch.cat([cache[0], new_k], dim=2)
            v = torch.cat([cache[1], new_v], dim=2)
        scores = q @ k.mT / self.head_dim**0.5
        seen = causal(q.size(2), k.size(2), x.device)
        weights = scores.masked_fill(~seen, float("-inf")).softmax(-1)
        out = (weights @ v).transpose(1, 2).flatten(2)
        return self.out_proj(out), (new_k, new_v)
