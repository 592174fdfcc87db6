"""Reduce every input to a matrix (C, n), normalise its rows, and go back. Typed; lerp for the buffers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ShapeError(ValueError):
    """The input does not suit the layer."""


class BatchNorm(nn.Module):
    weight: nn.Parameter
    bias: nn.Parameter
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        for name, make in (("weight", torch.ones), ("bias", torch.zeros)):
            self.register_parameter(name, nn.Parameter(make(num_features)))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        if not 2 <= x.dim() <= 4 or x.size(1) != len(self.weight):
            raise ShapeError(f"cannot normalise {tuple(x.shape)} over {len(self.weight)} channels")
        channels_first = x.transpose(0, 1)
        rows = channels_first.flatten(start_dim=1)
        mean, var = self._statistics(rows) if self.training else (self.running_mean, self.running_var)
        scale = self.weight * torch.rsqrt(var + self.eps)
        out = (rows - mean[:, None]) * scale[:, None] + self.bias[:, None]
        return out.view(channels_first.shape).transpose(0, 1).to(x.dtype)

    def _statistics(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        if rows.size(1) < 2:
            raise ShapeError("one value per channel has no variance")
        var, mean = torch.var_mean(rows, dim=1, correction=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_(rows.var(dim=1).to(self.running_var.dtype), self.momentum)
            self.num_batches_tracked.add_(1)
        return mean, var
