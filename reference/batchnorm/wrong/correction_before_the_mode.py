"""n / (n - 1) is worked out in evaluation too, where n may be one.

caught-by: test_one_value_per_channel_is_refused_in_training_only
explained-by: batchnorm-modes
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
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.dim() not in (2, 3, 4):
            raise ValueError(f"expected 2, 3 or 4 dimensions, got {x.dim()}")
        if x.shape[1] != self.num_features:
            raise ValueError(f"expected {self.num_features} channels, got {x.shape[1]}")
        axes = [d for d in range(x.dim()) if d != 1]
        shape = [1, -1] + [1] * (x.dim() - 2)
        n = x.numel() // self.num_features
        if self.training and n == 1:
            raise ValueError("one value per channel has no spread")
        correction = n / (n - 1)
        if self.training:
            mean = x.mean(axes)
            var = x.var(axes, correction=0)
            self.track(mean.detach(), var.detach() * correction)
        else:
            mean, var = self.running_mean, self.running_var
        x_hat = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + self.eps)
        return x_hat * self.weight.view(shape) + self.bias.view(shape)

    def track(self, mean, var):
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(var, self.momentum)
        self.num_batches_tracked += 1
