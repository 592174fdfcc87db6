"""All caches are views of one buffer, and a second beam writes over the first.

caught-by: test_cache_once_returned_is_never_changed, test_two_beams_continue_from_one_cache,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_length_has_no_limit, test_step_projects_one_position, test_chunk_projects_its_own_positions
explained-by: kv-cache-sharing
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
        self.store = None

    def append(self, new, past, slot):
        rows = self.store[slot]
        end = past + new.size(2)
        rows[:, :, past:end] = new.detach()
        return rows[:, :, :end]

    def forward(self, x, cache=None):
        b, s, e = x.shape
        q, k, v = (
            layer(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        past = 0 if cache is None else cache[0].size(2)
        if cache is None:
            self.store = x.new_zeros(2, b, self.num_heads, max(64, 2 * s), self.head_dim)
        elif past + s > self.store.size(3):
            self.store = torch.cat([self.store, torch.zeros_like(self.store)], dim=3)
        k, v = self.append(k, past, 0), self.append(v, past, 1)
        mask = torch.ones(s, past + s, device=x.device).tril(past) == 0
        scores = (q @ k.transpose(2, 3) / self.head_dim**0.5).masked_fill(mask, float("-inf"))
        out = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(out), (k, v)
