"""The formula itself: for each query position the keys plus their relative vectors."""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        super().__init__()
        self.head_dim, rest = divmod(embed_dim, num_heads)
        if rest != 0:
            raise ValueError(f"{num_heads} heads do not divide {embed_dim} features")
        self.embed_dim, self.num_heads, self.max_distance = embed_dim, num_heads, max_distance
        for name in "qkv":
            setattr(self, f"{name}_proj", nn.Linear(embed_dim, embed_dim, bias=False))
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=True)
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))

    def _heads(self, projected: torch.Tensor) -> torch.Tensor:
        """(B, L, E) -> (B, H, L, d)"""
        return torch.stack(projected.split(self.head_dim, dim=-1), dim=1)

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        key_mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        q = self._heads(self.q_proj(query)) / self.head_dim**0.5
        k = self._heads(self.k_proj(key))
        v = self._heads(self.v_proj(value))
        j = torch.arange(k.shape[2], device=k.device)
        if key_mask is None:
            key_mask = torch.ones(key.shape[:2], dtype=torch.bool, device=key.device)
        hidden = ~key_mask[:, None, :]

        outputs = []
        for i in range(q.shape[2]):
            r = self.rel_embed[
                (j - i).clip(-self.max_distance, self.max_distance) + self.max_distance
            ]
            score = ((k + r) @ q[:, :, i, :, None]).squeeze(-1)  # (B, H, K)
            score = score.masked_fill(hidden, float("-inf"))
            # the exponents by hand: where all is hidden, 0 / 1 and not 0 / 0
            top = score.detach().amax(dim=-1, keepdim=True)
            top = torch.where(top.isinf(), torch.zeros_like(top), top)
            e = torch.exp(score - top)
            total = e.sum(dim=-1, keepdim=True)
            weight = e / torch.where(total == 0, torch.ones_like(total), total)
            context = (weight[:, :, None, :] @ v).squeeze(2)  # (B, H, d)
            outputs.append(context.flatten(1))
        return self.out_proj(torch.stack(outputs, dim=1))
