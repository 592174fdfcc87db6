"""A view that only contiguous inputs allow.

caught-by: test_the_input_may_lie_in_memory_in_any_order
explained-by: batchnorm-axes
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.dim() not in (2, 3, 4) or x.size(1) != self.weight.size(0):
            raise ValueError(f"x of shape {tuple(x.shape)}")
        flat = x.view(x.size(0), x.size(1), -1)  # (N, C, positions)
        if self.training:
            n = flat.size(0) * flat.size(2)
            if n == 1:
                raise ValueError("one value per channel")
            mean = flat.mean((0, 2))
            var = flat.var((0, 2), unbiased=False)
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(mean * self.momentum)
                self.running_var.mul_(1 - self.momentum).add_(var * self.momentum * n / (n - 1))
                self.num_batches_tracked.add_(1)
        else:
            mean, var = self.running_mean, self.running_var
        slope = self.weight / torch.sqrt(var + self.eps)
        flat = (flat - mean[:, None]) * slope[:, None] + self.bias[:, None]
        return flat.view(x.shape)
