"""One channel broadcasts against all without a refusal.

caught-by: test_a_wrong_number_of_channels_is_refused
explained-by: batchnorm-axes
"""

import torch
import torch.nn as nn


class BatchNorm(nn.Module):
    """Batch normalisation over dimension 1."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def _validate(self, x):
        if not 2 <= x.dim() <= 4:
            raise ValueError(f"cannot handle {x.dim()} dimensions")
        if self.training and x.numel() // x.shape[1] < 2:
            raise ValueError("a channel needs two values to have a variance")

    def _update(self, mean, var):
        m = self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mean.detach().flatten()
        self.running_var = (1 - m) * self.running_var + m * var.detach().flatten()
        self.num_batches_tracked = self.num_batches_tracked + 1

    def forward(self, x):
        self._validate(x)
        per_channel = [1, -1] + [1] * (x.dim() - 2)
        axes = [d for d in range(x.dim()) if d != 1]
        if self.training:
            mean = x.mean(dim=axes, keepdim=True)
            centred = x - mean
            var = (centred**2).mean(dim=axes, keepdim=True)
            n = x.numel() // x.shape[1]
            self._update(mean, var * n / (n - 1))
        else:
            centred = x - self.running_mean.view(per_channel)
            var = self.running_var.view(per_channel)
        scale = torch.rsqrt(var + self.eps)
        return centred * scale * self.weight.view(per_channel) + self.bias.view(per_channel)
