"""Checks and tracking in a forward pre-hook, so that forward only normalises."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    """Tracks in a forward pre-hook; forward only normalises."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))
        self.register_forward_pre_hook(BatchNorm._before)

    @staticmethod
    def _before(self, args):
        (x,) = args
        if x.dim() not in (2, 3, 4):
            raise ValueError("dims")
        if x.shape[1] != self.features:
            raise ValueError("channels")
        if self.training:
            values = x.detach().transpose(0, 1).reshape(self.features, -1)
            if values.shape[1] == 1:
                raise ValueError("n")
            with torch.no_grad():
                self.running_mean += self.momentum * (values.mean(1) - self.running_mean)
                self.running_var += self.momentum * (
                    values.var(1, unbiased=True) - self.running_var
                )
                self.num_batches_tracked += 1

    def forward(self, x):
        s = (1, self.features) + (1,) * (x.dim() - 2)
        if self.training:
            d = [0, 2, 3][: x.dim() - 1]
            mean, var = x.mean(d, keepdim=True), x.var(d, keepdim=True, correction=0)
        else:
            mean, var = self.running_mean.reshape(s), self.running_var.reshape(s)
        inv = 1 / torch.sqrt(var + self.eps)
        return (x - mean) * (inv * self.weight.reshape(s)) + self.bias.reshape(s)
