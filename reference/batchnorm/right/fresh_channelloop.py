"""Channel after channel in a Python loop, in double precision where the device has it."""

import math

import torch
from torch import nn


def wide(t):
    return t if t.device.type == "mps" else t.double()


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        nn.Module.__init__(self)
        self.eps = eps
        self.momentum = momentum
        self.register_buffer("num_batches_tracked", torch.zeros([], dtype=torch.int64))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.weight = nn.Parameter(torch.ones(num_features))

    def forward(self, x):
        shape = x.shape
        if len(shape) not in {2, 3, 4}:
            raise ValueError("wrong number of dimensions: %d" % len(shape))
        channels = self.weight.shape[0]
        if shape[1] != channels:
            raise ValueError("wrong number of channels: %d" % shape[1])
        n = shape[0] * math.prod(shape[2:])
        if self.training and n == 1:
            raise ValueError("one value per channel")

        columns = []
        for c in range(channels):
            values = wide(x[:, c])
            if self.training:
                mean = values.sum() / n
                var = ((values - mean) ** 2).sum() / n
                self._follow(c, mean.detach(), var.detach() * n / (n - 1))
            else:
                mean, var = wide(self.running_mean[c]), wide(self.running_var[c])
            y = self.weight[c] * (values - mean) / torch.sqrt(var + self.eps) + self.bias[c]
            columns.append(y.to(x.dtype))
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(columns, dim=1)

    @torch.no_grad()
    def _follow(self, c, mean, var):
        a = self.momentum
        self.running_mean[c] = (1 - a) * self.running_mean[c] + a * mean
        self.running_var[c] = (1 - a) * self.running_var[c] + a * var
