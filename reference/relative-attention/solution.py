"""Multi-head attention with learned relative positions (Shaw et al. 2018)."""

import torch
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    """score(i, j) = q_i · (k_j + r) / sqrt(D), with r chosen by the clipped offset j - i.

    B batch, Q queries, K keys, E = embed_dim, H heads, D = E / H, R = 2 * max_distance + 1.
    """

    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"{embed_dim} features cannot be shared out to {num_heads} heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        # one row for each offset from -max_distance to +max_distance, and zero is one of them
        self.rel_embed = nn.Parameter(torch.empty(2 * max_distance + 1, self.head_dim))
        # small, so that at first a token's content decides and not its place
        nn.init.normal_(self.rel_embed, std=0.02)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        """(B, Q, E), (B, K, E), (B, K, E), (B, K) bool -> (B, Q, E)"""
        q = self._split_heads(self.q_proj(query))  # (B, H, Q, D)
        k = self._split_heads(self.k_proj(key))  # (B, H, K, D)
        v = self._split_heads(self.v_proj(value))  # (B, H, K, D)

        # q · (k + r) is q · k + q · r: apart, the sum k + r over all pairs is never needed
        scores = q @ k.transpose(-2, -1) + self._position_scores(q, k.shape[2])
        # the root divides both terms: r stands beside k, inside the bracket
        weights = self._softmax(scores / self.head_dim**0.5, key_mask)  # (B, H, Q, K)

        context = weights @ v  # (B, H, Q, D)
        # the heads go back beside their features before the two dimensions become one
        context = context.transpose(1, 2).flatten(2)  # (B, Q, H, D) -> (B, Q, E)
        return self.out_proj(context)

    def _split_heads(self, x: Tensor) -> Tensor:
        """(B, S, E) -> (B, H, S, D): each head takes a block of neighbouring features"""
        # E alone is cut into (H, D); cutting (S, E) at once would mix the positions
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def _position_scores(self, q: Tensor, num_keys: int) -> Tensor:
        """q · r for each query and key.  (B, H, Q, D) -> (B, H, Q, K)"""
        # a query meets only R different r, so R products serve all of its keys
        by_row = q @ self.rel_embed.T  # (B, H, Q, R)
        rows = self._rows(q.shape[2], num_keys, q.device)  # (Q, K)
        # expand() copies nothing: all batches and heads read the same (Q, K) indices
        return by_row.gather(-1, rows.expand(*q.shape[:2], -1, -1))

    def _rows(self, num_queries: int, num_keys: int, device: torch.device) -> Tensor:
        """The row of rel_embed for query i and key j.  -> (Q, K) int64"""
        i = torch.arange(num_queries, device=device)[:, None]
        j = torch.arange(num_keys, device=device)[None, :]
        offset = j - i  # negative: the key comes before the query
        # a negative index would count from the end of the table, so move -max_distance to row 0
        return offset.clamp(-self.max_distance, self.max_distance) + self.max_distance

    def _softmax(self, scores: Tensor, key_mask: Tensor | None) -> Tensor:
        """Softmax over the keys that may be attended; zeros where none may.  (B, H, Q, K)"""
        if key_mask is None:
            return scores.softmax(-1)
        closed = ~key_mask[:, None, None, :]  # (B, 1, 1, K): the same for all heads and queries
        # with -inf a row without any open key would be 0 / 0: nan, and nan in the gradients;
        # the lowest finite number gives such a row harmless weights
        lowest = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(closed, lowest).softmax(-1)
        # and this takes them away again; in the other rows it changes nothing
        return weights.masked_fill(closed, 0.0)
