"""Room behind the cache is written once; a second continuation, or autograd, gets a copy."""

import math

import torch
from torch import nn


class _Cache(tuple):
    """(k, v) as views of buffers with room; `used` is how much of them is given out."""

    def __new__(cls, k, v, store):
        self = super().__new__(cls, (k, v))
        self.store = store
        return self


def _append(cache, k, v):
    length = k.shape[2]
    past = 0 if cache is None else cache[0].shape[2]
    if torch.is_grad_enabled():
        if cache is None:
            return k, v
        return torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
    store = getattr(cache, "store", None)
    total = past + length
    if store is None or store["used"] != past or store["k"].shape[2] < total:
        room = 2 * total
        shape = (*k.shape[:2], room, k.shape[3])
        store = {"k": k.new_empty(shape), "v": v.new_empty(shape), "used": past}
        if cache is not None:
            store["k"][:, :, :past] = cache[0]
            store["v"][:, :, :past] = cache[1]
    store["k"][:, :, past:total] = k
    store["v"][:, :, past:total] = v
    store["used"] = total
    return _Cache(store["k"][:, :, :total], store["v"][:, :, :total], store)


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        B, S, E = x.shape
        heads = (B, S, self.num_heads, self.head_dim)
        q = self.q_proj(x).view(heads).transpose(1, 2)
        cache = _append(
            cache,
            self.k_proj(x).view(heads).transpose(1, 2),
            self.v_proj(x).view(heads).transpose(1, 2),
        )
        k, v = cache
        scores = (q / math.sqrt(self.head_dim)) @ k.transpose(2, 3)
        if S > 1:
            past = k.shape[2] - S
            mask = torch.ones(S, past + S, dtype=torch.bool, device=x.device).triu(past + 1)
            scores = scores.masked_fill(mask, -math.inf)
        context = scores.softmax(-1) @ v
        return self.out_proj(context.transpose(1, 2).reshape(B, S, E)), cache
