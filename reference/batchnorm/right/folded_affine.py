"""One scale and one shift per channel, put together before they meet x; buffers moved by lerp."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.ndim not in (2, 3, 4):
            raise ValueError(x.shape)
        if x.shape[1] != self.num_features:
            raise ValueError(x.shape)
        last = x.movedim(1, -1)
        mean, var = (
            self.statistics(last) if self.training else (self.running_mean, self.running_var)
        )
        scale = self.weight * torch.rsqrt(var + self.eps)
        shift = torch.einsum("c,c->c", -mean, scale) + self.bias
        return (last * scale + shift).movedim(-1, 1)

    def statistics(self, last):
        n = last[..., 0].numel()
        if n == 1:
            raise ValueError("one value per channel")
        axes = tuple(range(last.ndim - 1))
        mean = torch.einsum("...c->c", last) / n
        var = torch.einsum("...c,...c->c", last - mean, last - mean) / n
        self.running_mean.data.lerp_(mean.data, self.momentum)
        self.running_var.data.lerp_(last.data.var(axes), self.momentum)
        self.num_batches_tracked.add_(1)
        return mean, var
