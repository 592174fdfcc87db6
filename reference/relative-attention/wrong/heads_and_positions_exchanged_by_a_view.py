"""The position term, (Q, B · H, K), goes back by a view instead of a permutation.

caught-by: test_the_offset_is_key_minus_query,
  test_content_and_position_are_added_and_scaled_together,
  test_far_offsets_share_the_outermost_rows, test_the_table_may_reach_beyond_the_sequences,
  test_there_may_be_more_queries_than_keys,
  test_a_closed_key_gets_no_weight_and_the_others_share_it,
  test_where_no_key_is_open_the_bias_comes_out, test_gradients_reach_inputs_and_parameters,
  test_closed_rows_leave_the_gradients_finite, test_float64_stays_float64,
  test_float64_keeps_its_digits, test_inputs_need_not_be_contiguous,
  test_lengths_may_change_from_call_to_call, test_a_closed_position_still_asks
explained-by: relative-memory
"""

import torch
import torch.nn as nn


def relative_index(n_queries, n_keys, limit, device):
    rows = torch.arange(n_queries, device=device)
    cols = torch.arange(n_keys, device=device)
    distance = cols[None, :] - rows[:, None]
    return torch.clip(distance, -limit, limit) + limit


def masked_softmax(z, keep):
    low = torch.finfo(z.dtype).min
    z = z.masked_fill(~keep, low)
    z = z - z.max(dim=-1, keepdim=True).values
    e = z.exp() * keep
    total = e.sum(dim=-1, keepdim=True)
    return e / torch.where(total > 0, total, torch.ones_like(total))


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

    def _split(self, t):
        b, n, e = t.shape
        return t.reshape(b, n, self.num_heads, self.head_dim).permute(0, 2, 1, 3)

    def forward(self, query, key, value, key_mask=None):
        b, nq, e = query.shape
        nk = key.shape[1]
        q, k, v = (
            self._split(self.q_proj(query)),
            self._split(self.k_proj(key)),
            self._split(self.v_proj(value)),
        )
        table = self.rel_embed[relative_index(nq, nk, self.max_distance, query.device)]
        by_query = q.permute(2, 0, 1, 3).reshape(nq, b * self.num_heads, self.head_dim)
        relative = torch.bmm(by_query, table.transpose(1, 2))
        relative = relative.view(b, self.num_heads, nq, nk)
        scores = (q @ k.transpose(-1, -2) + relative) / self.head_dim**0.5
        if key_mask is None:
            keep = torch.ones(b, nk, dtype=torch.bool, device=query.device)
        else:
            keep = key_mask
        weights = masked_softmax(scores, keep[:, None, None, :])
        context = (weights @ v).permute(0, 2, 1, 3).reshape(b, nq, e)
        return self.out_proj(context)
