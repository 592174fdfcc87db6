"""Bad input raises AssertionError.

caught-by: test_a_wrong_number_of_dimensions_is_refused,
    test_a_wrong_number_of_channels_is_refused,
    test_one_value_per_channel_is_refused_in_training_only
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
        assert x.dim() in (2, 3, 4), "x must have 2, 3 or 4 dimensions"
        assert x.shape[1] == self.num_features, "wrong number of channels"
        extra = x.dim() - 2
        expand = lambda t: t.reshape(1, -1, *[1] * extra)
        if self.training:
            n = x.numel() // self.num_features
            assert n > 1, "one value per channel"
            var, mean = torch.var_mean(x, dim=[0] + list(range(2, x.dim())), correction=0)
            self._ema(self.running_mean, mean.data)
            self._ema(self.running_var, var.data * n / (n - 1))
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        inv_std = 1.0 / torch.sqrt(var + self.eps)
        return (x - expand(mean)) * expand(inv_std * self.weight) + expand(self.bias)

    def _ema(self, buffer, value):
        buffer.copy_((1 - self.momentum) * buffer + self.momentum * value)
