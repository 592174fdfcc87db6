"""Only images fit: the axes are fixed at 0, 2 and 3.

caught-by: test_training_divides_by_the_biased_deviation,
    test_the_buffers_carry_no_graph,
    test_epsilon_is_added_under_the_root,
    test_training_batches_are_counted
explained-by: batchnorm-axes
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
            mean = x.mean((0, 2, 3), keepdim=True)
            var = x.var((0, 2, 3), unbiased=False, keepdim=True)
            n = x.size(0) * x.size(2) * x.size(3)
            with torch.no_grad():
                self.running_mean.lerp_(mean.squeeze(), self.momentum)
                self.running_var.lerp_(var.squeeze() * n / (n - 1), self.momentum)
                self.num_batches_tracked.add_(1)
        else:
            mean = self.running_mean[None, :, None, None]
            var = self.running_var[None, :, None, None]
        out = (x - mean) * torch.rsqrt(var + self.eps)
        return out * self.weight[None, :, None, None] + self.bias[None, :, None, None]
