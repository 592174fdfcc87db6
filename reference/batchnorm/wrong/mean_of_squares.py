"""The variance as mean of squares minus square of the mean.

caught-by: test_a_large_mean_does_not_drown_the_spread
explained-by: batchnorm-epsilon
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))
        self.eps = eps
        self.momentum = momentum

    def moments(self, x):
        reduce = {2: "nc->c", 3: "ncl->c", 4: "nchw->c"}[x.dim()]
        count = x.numel() // x.shape[1]
        first = torch.einsum(reduce, x) / count
        second = torch.einsum(reduce, x * x) / count
        return first, (second - first * first).clamp(min=0), count

    def forward(self, x):
        if x.dim() not in {2, 3, 4}:
            raise ValueError("expected (N, C), (N, C, L) or (N, C, H, W)")
        if x.shape[1] != self.weight.shape[0]:
            raise ValueError("channels do not match")
        if self.training:
            if x.numel() == x.shape[1]:
                raise ValueError("one value per channel")
            mean, var, count = self.moments(x)
            keep = 1 - self.momentum
            self.running_mean = keep * self.running_mean + self.momentum * mean.detach()
            self.running_var = keep * self.running_var + self.momentum * var.detach() * count / (
                count - 1
            )
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        gain = self.weight / torch.sqrt(var + self.eps)
        shift = self.bias - mean * gain
        return torch.einsum("nc...,c->nc...", x, gain) + shift.view(-1, *[1] * (x.dim() - 2))
