"""Batch normalisation (Ioffe and Szegedy, 2015, algorithms 1 and 2)."""

import torch
from torch import Tensor, nn


class BatchNorm(nn.Module):
    """Normalise each channel by its own mean and variance, then scale and shift."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum  # the weight of the new batch, as everywhere in torch
        # parameters are what an optimiser learns
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        # buffers are state that nobody differentiates: saved, and moved by .to(), with the module
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C), (N, C, L) or (N, C, H, W) -> the same shape"""
        self._refuse_bad_input(x)
        if self.training:
            # every axis but the channel's: an image's positions count as samples too
            axes = [axis for axis in range(x.dim()) if axis != 1]
            mean = x.mean(axes)  # (C,)
            var = x.var(axes, correction=0)  # (C,), biased: the batch is all there is to normalise
            self._track(mean, var, count=x.numel() // self.num_features)
        else:
            mean, var = self.running_mean, self.running_var
        # (C,) would line up with the last axis, so give it the channel's place
        shape = [1, -1] + [1] * (x.dim() - 2)
        # mean and var keep their graph: each input moves them, and so all the outputs
        # eps sits under the root, so a constant channel is divided by √eps and not by zero
        normal = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + self.eps)
        return normal * self.weight.view(shape) + self.bias.view(shape)

    @torch.no_grad()  # or the buffers would keep the graph of every batch alive
    def _track(self, mean: Tensor, var: Tensor, count: int) -> None:
        """Move the running statistics towards those of a batch.  (C,), (C,)"""
        # the batch is a sample of what evaluation will see, so here its variance is an estimate
        unbiased = var * (count / (count - 1))
        self.running_mean.mul_(1 - self.momentum).add_(mean, alpha=self.momentum)
        self.running_var.mul_(1 - self.momentum).add_(unbiased, alpha=self.momentum)
        self.num_batches_tracked.add_(1)

    def _refuse_bad_input(self, x: Tensor) -> None:
        if x.dim() not in (2, 3, 4):
            raise ValueError(f"expected 2, 3 or 4 dimensions, got the shape {tuple(x.shape)}")
        # a single channel would broadcast against all of them without a word
        if x.shape[1] != self.num_features:
            raise ValueError(f"expected {self.num_features} channels, got {x.shape[1]}")
        # one value has no spread: its output would be the bias, whatever it is
        if self.training and x.numel() == self.num_features:
            raise ValueError(f"one value per channel in training: shape {tuple(x.shape)}")
