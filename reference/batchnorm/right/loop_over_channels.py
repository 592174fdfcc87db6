"""A loop over channels, sums in float64."""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.channels = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.dim() < 2 or x.dim() > 4:
            raise ValueError("dimensions")
        if x.size(1) != self.channels:
            raise ValueError("channels")
        n = x.numel() // self.channels
        if self.training and n < 2:
            raise ValueError("one value per channel")
        outputs = []
        for c in range(self.channels):
            values = x[:, c].double()
            if self.training:
                mean = sum(sample.sum() for sample in values) / n
                squares = (values - mean).pow(2).sum()
                var = squares / n
                with torch.no_grad():
                    self.running_mean[c] += self.momentum * (mean - self.running_mean[c])
                    self.running_var[c] += self.momentum * (squares / (n - 1) - self.running_var[c])
            else:
                mean, var = self.running_mean[c].double(), self.running_var[c].double()
            normal = (values - mean) / torch.sqrt(var + self.eps)
            outputs.append((normal * self.weight[c] + self.bias[c]).to(x.dtype))
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(outputs, dim=1)
