"""The mask is (B, 1, K): its batches meet the heads.

caught-by: test_a_closed_key_gets_no_weight_and_the_others_share_it,
    test_where_no_key_is_open_the_bias_comes_out, test_every_key_may_be_closed,
    test_a_single_key_may_be_closed, test_closed_rows_leave_the_gradients_finite,
    test_large_scores_neither_overflow_nor_open_a_closed_key, test_float64_stays_float64,
    test_inputs_need_not_be_contiguous, test_lengths_may_change_from_call_to_call,
    test_a_closed_position_still_asks, test_everything_stays_on_the_device_of_the_inputs
explained-by: relative-mask
"""

import math

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"embed_dim {embed_dim} is not divisible by num_heads {num_heads}")
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(0.02 * torch.randn(2 * max_distance + 1, self.head_dim))

    def _split(self, x):
        batch, length, _ = x.shape
        return x.reshape(batch, length, self.num_heads, self.head_dim).transpose(1, 2)

    def forward(self, query, key, value, key_mask=None):
        batch, q_len, _ = query.shape
        k_len = key.shape[1]
        q = self._split(self.q_proj(query)) / math.sqrt(self.head_dim)
        k = self._split(self.k_proj(key))
        v = self._split(self.v_proj(value))
        m = self.max_distance
        offsets = (
            torch.arange(k_len, device=query.device)
            - torch.arange(q_len, device=query.device)[:, None]
        )
        rows = offsets.clamp(-m, m) + m
        position = (q @ self.rel_embed.T).gather(
            -1, rows.expand(batch, self.num_heads, q_len, k_len)
        )
        scores = q @ k.transpose(-2, -1) + position
        if key_mask is not None:
            closed = ~key_mask[:, None, :]
            scores = scores.masked_fill(closed, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
        if key_mask is not None:
            weights = weights.masked_fill(closed, 0.0)
        context = (weights @ v).transpose(1, 2).reshape(batch, q_len, self.embed_dim)
        return self.out_proj(context)
