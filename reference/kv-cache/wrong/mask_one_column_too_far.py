"""The mask is one column too far: each position also sees the next one.

caught-by: test_prompt_is_causal, test_prompt_then_steps_equals_the_whole,
  test_chunk_after_a_cache_is_causal_and_sees_the_past, test_uneven_chunks_equal_the_whole,
  test_chunk_longer_than_the_cache, test_single_batch_head_and_feature,
  test_two_beams_continue_from_one_cache, test_call_without_cache_starts_afresh,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_huge_scores_do_not_overflow,
  test_very_negative_scores_do_not_open_the_future, test_strided_input,
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

    def forward(self, x, cache=None):
        B, S, E = x.shape
        H, D = self.num_heads, self.head_dim
        queries = self.q_proj(x).view(B, S, H, D).transpose(1, 2)
        keys = self.k_proj(x).view(B, S, H, D).transpose(1, 2)
        values = self.v_proj(x).view(B, S, H, D).transpose(1, 2)
        past = 0
        if cache is not None:
            past = cache[0].shape[2]
            keys = torch.cat([cache[0], keys], dim=2)
            values = torch.cat([cache[1], values], dim=2)
        rows = []
        for i, position in enumerate(range(past + 1, past + S + 1)):
            visible = slice(0, position + 1)
            scores = (queries[:, :, i : i + 1] * keys[:, :, visible]).sum(-1) / D**0.5
            attention = torch.softmax(scores, dim=-1)
            rows.append((attention.unsqueeze(-1) * values[:, :, visible]).sum(2))
        context = torch.stack(rows, dim=1).reshape(B, S, E)
        return self.out_proj(context), (keys, values)
