"""Multi-head attention with learned relative positions."""

import torch
from torch import nn


class RelativeMultiHeadAttention(nn.Module):
    """Multi-head attention whose scores depend on the offset between query and key.

    Source: Shaw, Uszkoreit and Vaswani (2018), "Self-attention with relative
    position representations", the representation of the keys.

    Submodules and parameters (E = embed_dim):
        q_proj, k_proj, v_proj: nn.Linear(E, E) without bias
        out_proj:               nn.Linear(E, E) with bias
        rel_embed:              nn.Parameter (2 * max_distance + 1, E / num_heads),
                                shared by all heads
    """

    def __init__(self, embed_dim: int, num_heads: int, max_distance: int) -> None:
        """
        embed_dim:    E, the size of the inputs and of the output
        num_heads:    number of heads; each works on E / num_heads features
        max_distance: offsets beyond it, in either direction, are clipped to it

        Raises ValueError if embed_dim is not divisible by num_heads.
        """
        super().__init__()
        raise NotImplementedError

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        key_mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """
        query:    (B, Q, E)
        key:      (B, K, E)
        value:    (B, K, E)
        key_mask: (B, K) bool, True where a key may be attended; None: all may
        returns:  (B, Q, E), in the dtype and on the device of the query

        Where a row of key_mask holds no True, the context of those queries is
        zero, so that the result is out_proj.bias.
        """
        raise NotImplementedError
