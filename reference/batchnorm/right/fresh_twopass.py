"""Mean first, then the mean square of the difference; buffers moved in place."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))

    def forward(self, x):
        if x.ndim not in (2, 3, 4):
            raise ValueError(f"expected 2, 3 or 4 dimensions, got {x.ndim}")
        if x.shape[1] != self.num_features:
            raise ValueError(f"expected {self.num_features} channels, got {x.shape[1]}")
        shape = [1, -1] + [1] * (x.ndim - 2)
        if self.training:
            n = x.numel() // self.num_features
            if n <= 1:
                raise ValueError("training needs more than one value per channel")
            axes = [0] + list(range(2, x.ndim))
            mean = x.mean(axes)
            centred = x - mean.view(shape)
            var = (centred * centred).mean(axes)
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var * n / (n - 1))
                self.num_batches_tracked += 1
        else:
            centred = x - self.running_mean.view(shape)
            var = self.running_var
        y = centred / (var + self.eps).sqrt().view(shape)
        return (y * self.weight.view(shape) + self.bias.view(shape)).to(x.dtype)
