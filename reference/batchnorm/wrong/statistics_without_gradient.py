"""Mean and variance are taken as constants in the gradient.

caught-by: test_the_gradient_flows_through_mean_and_variance
explained-by: batchnorm-gradient
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

        channels = []
        for c in range(self.num_features):
            channel = x[:, c]
            if self.training:
                count = channel.numel()
                mean = channel.mean().item()
                var = channel.var(unbiased=False).item()
                self.move(self.running_mean, c, mean)
                self.move(self.running_var, c, var * count / (count - 1))
            else:
                mean = self.running_mean[c].item()
                var = self.running_var[c].item()
            normal = (channel - mean) / (var + self.eps) ** 0.5
            channels.append(normal * self.weight[c] + self.bias[c])
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(channels, dim=1)

    def move(self, running, c, value):
        with torch.no_grad():
            running[c] = (1 - self.momentum) * running[c] + self.momentum * value
