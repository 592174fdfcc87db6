"""Batch normalisation (Ioffe and Szegedy, 2015, algorithms 1 and 2)."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    """Normalise each channel by its own mean and variance, then scale and shift.

    Parameters: weight (C,) ones, bias (C,) zeros.
    Buffers: running_mean (C,) zeros, running_var (C,) ones,
    num_batches_tracked () int64 zero.
    The state_dict has these five keys, as that of nn.BatchNorm1d.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        """C = num_features; momentum is the weight of the new batch."""
        raise NotImplementedError

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """y = weight · (x − mean) / √(var + eps) + bias, channel by channel.

        x: (N, C), (N, C, L) or (N, C, H, W), floating.  Returns the same shape and dtype.
        Training: statistics of the batch (biased variance), through which gradients flow;
        the buffers then follow it (unbiased variance).
        Evaluation: running statistics; nothing is updated.
        ValueError: not 2, 3 or 4 dimensions, not C channels, or one value per
        channel in training.
        """
        raise NotImplementedError
