"""The table is an nn.Embedding: its parameter is called rel_embed.weight.

caught-by: test_parameters_have_the_promised_names_and_shapes,
    test_content_alone_is_scaled_by_the_root_of_the_head_dimension,
    test_each_head_works_on_its_own_block_of_features, test_the_offset_is_key_minus_query,
    test_content_and_position_are_added_and_scaled_together,
    test_far_offsets_share_the_outermost_rows, test_the_table_may_reach_beyond_the_sequences,
    test_there_may_be_more_queries_than_keys,
    test_a_closed_key_gets_no_weight_and_the_others_share_it,
    test_where_no_key_is_open_the_bias_comes_out, test_every_key_may_be_closed,
    test_gradients_reach_inputs_and_parameters, test_closed_rows_leave_the_gradients_finite,
    test_large_scores_neither_overflow_nor_open_a_closed_key, test_float64_stays_float64,
    test_float64_keeps_its_digits, test_inputs_need_not_be_contiguous,
    test_a_single_query_keeps_its_dimension_and_stands_at_zero,
    test_lengths_may_change_from_call_to_call, test_what_was_learned_since_the_last_call_counts,
    test_lengths_have_no_limit, test_a_closed_position_still_asks,
    test_everything_stays_on_the_device_of_the_inputs,
    test_no_tensor_holds_a_vector_for_each_pair_of_each_head
explained-by: relative-module
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
        self.rel_embed = nn.Embedding(2 * max_distance + 1, self.head_dim)

    def forward(self, query, key, value, key_mask=None):
        H, d, M = self.num_heads, self.head_dim, self.max_distance
        q = self.q_proj(query).unflatten(-1, (H, d)) * d**-0.5
        k = self.k_proj(key).unflatten(-1, (H, d))
        v = self.v_proj(value).unflatten(-1, (H, d))
        i = torch.arange(query.shape[1], device=query.device)
        j = torch.arange(key.shape[1], device=query.device)
        r = self.rel_embed((j[None, :] - i[:, None]).clip(-M, M) + M)
        s = torch.einsum("bqhd,bkhd->bhqk", q, k) + torch.einsum("bqhd,qkd->bhqk", q, r)
        if key_mask is not None:
            alive = key_mask.any(dim=1)
            open_ = key_mask | ~alive[:, None]
            s = s.masked_fill(~open_[:, None, None, :], -math.inf)
        ctx = torch.einsum("bhqk,bkhd->bqhd", torch.softmax(s, -1), v)
        if key_mask is not None:
            ctx = ctx * alive[:, None, None, None]
        return self.out_proj(ctx.flatten(-2))
