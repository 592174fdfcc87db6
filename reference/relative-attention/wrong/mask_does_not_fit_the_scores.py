"""The mask cannot meet the scores: not brought to (B, 1, 1, K), or subtracted though it is bool.

caught-by: test_a_closed_key_gets_no_weight_and_the_others_share_it,
  test_where_no_key_is_open_the_bias_comes_out, test_every_key_may_be_closed,
  test_closed_rows_leave_the_gradients_finite,
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
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.02)

    def forward(self, query, key, value, key_mask=None):
        B, Q, E = query.shape
        K = key.shape[1]
        H, d, M = self.num_heads, self.head_dim, self.max_distance
        q = self.q_proj(query).view(B, Q, H, d).transpose(1, 2)
        k = self.k_proj(key).view(B, K, H, d).transpose(1, 2)
        v = self.v_proj(value).view(B, K, H, d).transpose(1, 2)
        i = torch.arange(Q, device=query.device).unsqueeze(1)
        j = torch.arange(K, device=query.device).unsqueeze(0)
        index = (j - i).clamp(-M, M) + M
        rel = self.rel_embed[index]
        content = torch.einsum("bhqd,bhkd->bhqk", q, k)
        position = torch.einsum("bhqd,qkd->bhqk", q, rel)
        scores = (content + position) / math.sqrt(d)
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask, float("-inf"))
        weights = torch.softmax(scores, dim=-1)
        if key_mask is not None:
            empty = ~key_mask.any(dim=-1)
            weights = weights.masked_fill(empty[:, None, None, None], 0.0)
        context = torch.einsum("bhqk,bhkd->bhqd", weights, v)
        context = context.transpose(1, 2).reshape(B, Q, E)
        return self.out_proj(context)
