"""Samples and heads in Python loops; hidden keys are left out instead of masked."""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim // num_heads * num_heads != embed_dim:
            raise ValueError(f"embed_dim={embed_dim}, num_heads={num_heads}")
        self.E, self.H, self.M = embed_dim, num_heads, max_distance
        self.d = embed_dim // num_heads
        linear = {
            name: nn.Linear(embed_dim, embed_dim, bias=(name == "out_proj"))
            for name in ("q_proj", "k_proj", "v_proj", "out_proj")
        }
        for name, module in linear.items():
            self.add_module(name, module)
        table = torch.empty(2 * max_distance + 1, self.d)
        self.register_parameter("rel_embed", nn.Parameter(nn.init.normal_(table, std=0.1)))

    def forward(self, query, key, value, key_mask=None):
        queries, keys, values = self.q_proj(query), self.k_proj(key), self.v_proj(value)
        contexts = []
        for b in range(query.size(0)):
            positions = torch.arange(key.size(1), device=key.device)
            if key_mask is not None:
                positions = positions[key_mask[b]]
            contexts.append(
                self._sample(queries[b], keys[b, positions], values[b, positions], positions)
            )
        return self.out_proj(torch.stack(contexts))

    def _sample(self, q, k, v, positions):
        """(Q, E), the visible (K', E) twice and their positions -> (Q, E)"""
        if len(positions) == 0:
            return torch.zeros_like(q)
        steps = positions - torch.arange(len(q), device=q.device).unsqueeze(1)
        index = steps.clamp(-self.M, self.M) + self.M
        parts = []
        for h in range(self.H):
            own = slice(h * self.d, (h + 1) * self.d)
            score = q[:, own] @ k[:, own].t()
            score = score + torch.take_along_dim(q[:, own] @ self.rel_embed.t(), index, dim=1)
            parts.append(torch.softmax(score / self.d**0.5, dim=1) @ v[:, own])
        return torch.cat(parts, dim=1)
