"""The mask is repeated in the wrong order for the heads: it meets another batch element.

caught-by: test_a_closed_key_gets_no_weight_and_the_others_share_it
explained-by: relative-mask
"""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    def __init__(self, embed_dim, num_heads, max_distance):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.scaling = self.head_dim**-0.5
        self.max_distance = max_distance
        self.q_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.k_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.v_proj = nn.Linear(embed_dim, embed_dim, bias=False)
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        self.rel_embed = nn.Parameter(torch.empty(2 * max_distance + 1, self.head_dim))
        nn.init.xavier_normal_(self.rel_embed)

    def _shape(self, x, length, batch):
        x = x.view(batch, length, self.num_heads, self.head_dim).transpose(1, 2)
        return x.reshape(batch * self.num_heads, length, self.head_dim)

    def forward(self, query, key, value, key_mask=None):
        bsz, tgt_len, embed_dim = query.shape
        src_len = key.shape[1]
        q = self._shape(self.q_proj(query) * self.scaling, tgt_len, bsz)
        k = self._shape(self.k_proj(key), src_len, bsz)
        v = self._shape(self.v_proj(value), src_len, bsz)

        rel_pos = torch.arange(src_len, device=q.device).view(1, -1)
        rel_pos = rel_pos - torch.arange(tgt_len, device=q.device).view(-1, 1)
        rel_pos = rel_pos.clamp(-self.max_distance, self.max_distance) + self.max_distance
        attn = torch.bmm(q, k.transpose(1, 2))
        rel = torch.bmm(q.transpose(0, 1), self.rel_embed[rel_pos].transpose(1, 2))
        attn = attn + rel.transpose(0, 1)

        if key_mask is not None:
            blocked = ~key_mask.repeat(self.num_heads, 1).unsqueeze(1)
            attn = attn.masked_fill(blocked, torch.finfo(attn.dtype).min)
        attn = attn.softmax(dim=-1)
        if key_mask is not None:
            attn = attn.masked_fill(blocked, 0.0)
        out = torch.bmm(attn, v).view(bsz, self.num_heads, tgt_len, self.head_dim)
        return self.out_proj(out.transpose(1, 2).reshape(bsz, tgt_len, embed_dim))
