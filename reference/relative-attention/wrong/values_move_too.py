"""The position vectors are added to the values as well.

caught-by: test_content_and_position_are_added_and_scaled_together
explained-by: relative-scale
"""

import torch
from torch import Tensor, nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError(f"num_heads={num_heads} does not divide embed_dim={embed_dim}")
        self.num_heads, self.max_distance = num_heads, max_distance
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.randn(2 * max_distance + 1, self.head_dim) * 0.05)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None = None
    ) -> Tensor:
        shape = (self.num_heads, self.head_dim)
        q = self.q_proj(query).unflatten(-1, shape).permute(0, 2, 1, 3)
        k = self.k_proj(key).unflatten(-1, shape).permute(0, 2, 1, 3)
        v = self.v_proj(value).unflatten(-1, shape).permute(0, 2, 1, 3)

        place_q = torch.arange(q.shape[2], device=q.device)
        place_k = torch.arange(k.shape[2], device=q.device)
        steps = (place_k - place_q[:, None]).clamp(-self.max_distance, self.max_distance)
        relation = self.rel_embed[steps + self.max_distance]

        scores = q @ k.mT + torch.einsum("bhid,ijd->bhij", q, relation)
        scores = scores / self.head_dim**0.5
        if key_mask is not None:
            scores = scores.masked_fill(~key_mask[:, None, None], torch.finfo(scores.dtype).min)
        alpha = scores.softmax(dim=-1)
        if key_mask is not None:
            alpha = alpha * key_mask[:, None, None]
        z = alpha @ v + torch.einsum("bhij,ijd->bhid", alpha, relation)
        return self.out_proj(z.permute(0, 2, 1, 3).flatten(2))
