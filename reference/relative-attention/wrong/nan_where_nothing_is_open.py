"""A row without open keys comes out as NaN.

caught-by: test_where_no_key_is_open_the_bias_comes_out, test_every_key_may_be_closed
explained-by: relative-masked-rows
"""

import torch
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"{embed_dim} features do not fit {num_heads} heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.empty(2 * max_distance + 1, self.head_dim))
        nn.init.normal_(self.rel_embed, std=0.02)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        q = self._split_heads(self.q_proj(query))
        k = self._split_heads(self.k_proj(key))
        v = self._split_heads(self.v_proj(value))
        scores = (q @ k.transpose(-2, -1) + self._position_scores(q, k)) / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None, :], float("-inf"))
        context = scores.softmax(-1) @ v
        return self.out_proj(context.transpose(1, 2).flatten(2))

    def _split_heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def _position_scores(self, q: Tensor, k: Tensor) -> Tensor:
        i = torch.arange(q.shape[2], device=q.device)[:, None]
        j = torch.arange(k.shape[2], device=q.device)[None, :]
        rows = (j - i).clamp(-self.max_distance, self.max_distance) + self.max_distance
        return (q @ self.rel_embed.T).gather(-1, rows.expand(*q.shape[:2], -1, -1))
