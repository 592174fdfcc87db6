"""In a chunk of several positions the cached keys are masked away.

caught-by: test_chunk_after_a_cache_is_causal_and_sees_the_past,
  test_uneven_chunks_equal_the_whole, test_chunk_longer_than_the_cache,
  test_single_batch_head_and_feature, test_two_beams_continue_from_one_cache,
  test_late_loss_reaches_early_chunks, test_gradients_are_those_of_the_whole,
  test_float64_is_kept, test_works_on_an_accelerator
explained-by: kv-cache-offset
"""

import torch
from torch import nn
from torch.nn import functional as F


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        if embed_dim % num_heads != 0:
            raise ValueError("embed_dim must be divisible by num_heads")
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, x, cache=None):
        b, s, _ = x.shape
        q, k, v = (
            project(x).view(b, s, self.num_heads, self.head_dim).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        past = 0
        if cache is not None:
            past = cache[0].size(-2)
            k, v = torch.cat([cache[0], k], -2), torch.cat([cache[1], v], -2)
        scores = torch.einsum("bhid,bhjd->bhij", q, k) / self.head_dim**0.5
        if s > 1:
            triangle = torch.ones(s, s, dtype=torch.bool, device=x.device).tril()
            visible = F.pad(triangle, (past, 0))
            scores = scores.masked_fill(~visible, -torch.inf)
        context = torch.einsum("bhij,bhjd->bihd", F.softmax(scores, -1), v)
        return self.out_proj(context.flatten(2)), (k, v)
