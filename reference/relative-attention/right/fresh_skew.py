"""One vector per diagonal, and the skewing of Music Transformer: pad, reshape, cut."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def skew(diagonals: Tensor, k_len: int) -> Tensor:
    """(..., Q, Q + K − 1), column c for offset c − (Q − 1)  ->  (..., Q, K), column j for j − i.

    Row i wants the columns from Q − 1 − i on. With one column more, and the rows run
    together, each row begins one place further left.
    """
    *lead, q_len, width = diagonals.shape
    padded = F.pad(diagonals, (0, 1)).flatten(-2)  # rows of width + 1
    start = q_len - 1
    run = padded[..., start : start + q_len * width]
    missing = q_len * width - run.shape[-1]
    run = F.pad(run, (0, missing))
    return run.reshape(*lead, q_len, width)[..., :k_len]


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim % num_heads != 0")
        self.heads = num_heads
        self.reach = max_distance
        self.scale = 1 / math.sqrt(embed_dim // num_heads)
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(
            0.02 * torch.randn(2 * max_distance + 1, embed_dim // num_heads)
        )

    def forward(self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None):
        batch, q_len, _ = query.shape
        k_len = key.shape[1]
        # heads folded into the batch
        q = self.fold(self.q_proj(query)) * self.scale
        k = self.fold(self.k_proj(key))
        v = self.fold(self.v_proj(value))

        offsets = torch.arange(1 - q_len, k_len, device=query.device)
        vectors = self.rel_embed[offsets.clamp(-self.reach, self.reach) + self.reach]
        relative = skew(q @ vectors.T, k_len)
        scores = torch.baddbmm(relative, q, k.transpose(1, 2))  # (B·H, Q, K)

        if key_mask is None:
            context = scores.softmax(dim=2) @ v
        else:
            mask = key_mask.repeat_interleave(self.heads, dim=0)[:, None, :]
            dead = mask.logical_not().all(dim=2, keepdim=True)
            scores = scores.masked_fill(mask.logical_not(), -math.inf).masked_fill(dead, 0.0)
            context = (scores.softmax(dim=2) @ v).masked_fill(dead, 0.0)
        merged = context.unflatten(0, (batch, self.heads)).transpose(1, 2).flatten(2)
        return self.out_proj(merged)

    def fold(self, t: Tensor) -> Tensor:
        batch, length, width = t.shape
        t = t.view(batch, length, self.heads, width // self.heads)
        return t.permute(0, 2, 1, 3).reshape(batch * self.heads, length, -1)
