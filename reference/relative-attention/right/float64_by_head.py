"""Head by head in float64, buffers for positions and scale, k + r for one head at a time."""

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
        self.rel_embed = nn.Parameter(torch.zeros(2 * max_distance + 1, self.head_dim))
        self.register_buffer("scale", torch.tensor(float(self.head_dim)).rsqrt())
        self.register_buffer("positions", torch.arange(64), persistent=False)

    def forward(self, query, key, value, key_mask=None):
        def split(x):
            return x.double().unflatten(-1, (self.num_heads, self.head_dim)).unbind(2)

        num_queries, num_keys = query.shape[1], key.shape[1]
        if max(num_queries, num_keys) > len(self.positions):
            self.positions = torch.arange(2 * max(num_queries, num_keys), device=query.device)
        offset = self.positions[None, :num_keys] - self.positions[:num_queries, None]
        rows = offset.clamp(-self.max_distance, self.max_distance) + self.max_distance
        r = self.rel_embed.double()[rows]
        contexts = []
        for q, k, v in zip(
            split(self.q_proj(query)),
            split(self.k_proj(key)),
            split(self.v_proj(value)),
            strict=True,
        ):
            scores = (q[:, :, None] * (k[:, None] + r)).sum(-1) * self.scale.double()
            if key_mask is not None:
                scores = scores.masked_fill(~key_mask[:, None, :], -1e300)
            weights = scores.softmax(-1)
            if key_mask is not None:
                weights = weights * key_mask.any(-1)[:, None, None]
            contexts.append(weights @ v)
        return self.out_proj(torch.cat(contexts, -1).to(query.dtype))
