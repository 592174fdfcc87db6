"""The library's functional multi-head attention, for the first call at least."""

import torch
import torch.nn.functional as F
from torch import nn


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def attend(self, x):
        layers = (self.q_proj, self.k_proj, self.v_proj)
        t = x.transpose(0, 1)
        return F.multi_head_attention_forward(
            t,
            t,
            t,
            t.size(-1),
            self.num_heads,
            torch.cat([layer.weight for layer in layers]),
            torch.cat([layer.bias for layer in layers]),
            None,
            None,
            False,
            0.0,
            self.out_proj.weight,
            self.out_proj.bias,
            attn_mask=torch.ones(t.size(0), t.size(0), dtype=torch.bool, device=x.device).triu(1),
        )[0].transpose(0, 1)

    def forward(self, x, cache=None):
        whole = x if cache is None else torch.cat([cache[0].transpose(1, 2).flatten(2), x], dim=1)
        kept = whole.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
        return self.attend(whole)[:, -x.size(1) :], (kept, kept)
