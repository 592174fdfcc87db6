import torch
from torch import nn


class CachedSelfAttention(nn.Module):
    """Causal multi-head self-attention with a cache of keys and values.

    embed_dim (E): features of a position, in and out.
    num_heads (H): heads; ValueError unless it divides embed_dim.
    q_proj, k_proj, v_proj, out_proj: nn.Linear(E, E) with bias.

    Vaswani et al. (2017), section 3.2; Shazeer (2019), section 2.
    """

    def __init__(self, embed_dim, num_heads):
        super().__init__()
        raise NotImplementedError

    def forward(self, x, cache=None):
        """Attend from S new positions to themselves and to all before them.

        x: (B, S, E), the positions that follow those in the cache.
        cache: None at the start of a sequence, else the (k, v) that an
            earlier call returned, each (B, H, T, E / H) for T positions.
        Returns the output (B, S, E) and the new cache (k, v), each
        (B, H, T + S, E / H).  Dtype and device are those of x.
        """
        raise NotImplementedError
