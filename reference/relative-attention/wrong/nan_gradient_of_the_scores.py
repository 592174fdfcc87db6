"""NaN is patched over in the weights: through an added -inf the gradient is NaN all the same.

caught-by: test_closed_rows_leave_the_gradients_finite
explained-by: relative-masked-rows
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("num_heads has to divide embed_dim")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    @staticmethod
    def additive(key_mask: Tensor, like: Tensor) -> Tensor:
        bias = torch.zeros(key_mask.shape, dtype=like.dtype, device=like.device)
        return bias.masked_fill(~key_mask, float("-inf"))[:, None, None, :]

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        bsz, q_len, dim = query.shape
        k_len = key.shape[1]
        q = self.q_proj(query).view(bsz, q_len, self.num_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(key).view(bsz, k_len, self.num_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(value).view(bsz, k_len, self.num_heads, self.head_dim).transpose(1, 2)

        row = torch.arange(q_len, device=q.device).view(-1, 1)
        column = torch.arange(k_len, device=q.device).view(1, -1)
        index = (column - row).clamp(-self.max_distance, self.max_distance) + self.max_distance
        per_row = q @ self.rel_embed.t()
        scores = q @ k.mT + per_row.gather(3, index.expand(bsz, self.num_heads, -1, -1))
        scores = scores / math.sqrt(self.head_dim)
        if key_mask is not None:
            scores = scores + self.additive(key_mask, scores)
        weights = F.softmax(scores, dim=-1)
        weights = weights.nan_to_num(0.0)
        return self.out_proj((weights @ v).transpose(1, 2).reshape(bsz, q_len, dim))
