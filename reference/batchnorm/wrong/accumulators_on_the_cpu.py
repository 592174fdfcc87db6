"""A tensor made in forward without the device of x.

caught-by: test_everything_lives_on_the_device_of_the_layer
explained-by: batchnorm-state
"""

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
            raise ValueError("x must be 2-D, 3-D or 4-D")
        if x.size(1) != self.num_features:
            raise ValueError("wrong number of channels")
        if self.training and x.numel() == self.num_features:
            raise ValueError("need more than one value per channel")

        if self.training:
            total = torch.zeros(self.num_features, dtype=x.dtype)
            for sample in x:
                total = total + sample.flatten(1).sum(1) if x.ndim > 2 else total + sample
            n = x.numel() // self.num_features
            mean = total / n
            spread = self.like(mean, x)
            var = ((x - spread) ** 2).transpose(0, 1).flatten(1).mean(1)
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.lerp_(var.detach() * n / (n - 1), self.momentum)
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        y = (x - self.like(mean, x)) / torch.sqrt(self.like(var, x) + self.eps)
        return y * self.like(self.weight, x) + self.like(self.bias, x)

    def like(self, values, x):
        return values.reshape([1, -1] + [1] * (x.ndim - 2))
