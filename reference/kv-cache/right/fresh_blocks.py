"""An online softmax over blocks of keys, as in FlashAttention: nothing of size S × (T + S) is made."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BLOCK = 8


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int):
        super().__init__()
        if embed_dim != num_heads * (embed_dim // num_heads):
            raise ValueError((embed_dim, num_heads))
        self.num_heads = num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Tensor, cache: tuple | None = None):
        b, s, e = x.shape
        d = e // self.num_heads
        # one product for the three projections
        weight = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        bias = torch.cat([self.q_proj.bias, self.k_proj.bias, self.v_proj.bias])
        q, k, v = F.linear(x, weight, bias).view(b, s, 3, self.num_heads, d).permute(2, 0, 3, 1, 4)
        if cache is None:
            cache = (k[:, :, :0], v[:, :, :0])
        start = cache[0].shape[2]
        k, v = (torch.cat([old, new], dim=2) for old, new in zip(cache, (k, v)))

        i = torch.arange(start, start + s, device=x.device)[:, None]
        top = q.new_full((b, self.num_heads, s, 1), -torch.inf)
        total = torch.zeros_like(top)
        context = torch.zeros_like(q)
        for at in range(0, start + s, BLOCK):
            j = torch.arange(at, min(at + BLOCK, start + s), device=x.device)
            score = q @ k[:, :, at : at + BLOCK].transpose(2, 3) / d**0.5
            score = score.masked_fill(j > i, -torch.inf)
            # position 0 is open to everyone, so that top is finite from the first block on
            new_top = torch.maximum(top, score.detach().amax(-1, keepdim=True))
            shrink = (top - new_top).exp()
            part = (score - new_top).exp()
            total = total * shrink + part.sum(-1, keepdim=True)
            context = context * shrink + part @ v[:, :, at : at + BLOCK]
            top = new_top
        context = (context / total).transpose(1, 2).reshape(b, s, e)
        return self.out_proj(context), (k, v)
