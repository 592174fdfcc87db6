"""Past and present apart: the past needs no mask. The two are put together by their log-sums."""

import torch
from torch import nn


def partial_attention(q, k, v, hidden=None):
    """-> the context over these keys alone, and the log of the sum of their exponentials."""
    score = torch.einsum("bhid,bhjd->bhij", q, k)
    if hidden is not None:
        score = score.masked_fill(hidden, float("-inf"))
    log_sum = score.logsumexp(dim=-1, keepdim=True)
    return torch.einsum("bhij,bhjd->bhid", (score - log_sum).exp(), v), log_sum


class CachedSelfAttention(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        per_head, left_over = divmod(embed_dim, num_heads)
        if left_over:
            raise ValueError(f"{embed_dim} features for {num_heads} heads: {left_over} left over")
        self.shape = (num_heads, per_head)
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self.add_module(name, nn.Linear(embed_dim, embed_dim, bias=True))

    def forward(self, x, cache=None):
        length = x.shape[1]
        q, k, v = [
            torch.movedim(layer(x).unflatten(2, self.shape), 2, 1)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        ]
        q = q / self.shape[1] ** 0.5
        later = torch.ones(length, length, device=x.device).triu(1).bool()
        context, log_sum = partial_attention(q, k, v, hidden=later)
        if cache is not None and cache[0].shape[2] > 0:
            past_k, past_v = cache
            past_context, past_log_sum = partial_attention(q, past_k, past_v)
            share = torch.sigmoid(past_log_sum - log_sum)
            context = share * past_context + (1 - share) * context
            k = torch.cat([past_k, k], dim=2)
            v = torch.cat([past_v, v], dim=2)
        return self.out_proj(context.movedim(1, 2).flatten(2)), (k, v)
