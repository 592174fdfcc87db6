"""Each sample normalised by its own statistics.

caught-by: test_a_channel_shares_its_statistics_over_all_positions,
    test_weight_scales_and_then_bias_shifts,
    test_a_constant_channel_comes_out_as_its_bias,
    test_the_gradient_flows_through_mean_and_variance
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

        if x.ndim == 2:
            return self.normalise(x[..., None], (0, 2)).squeeze(-1)
        return self.normalise(x.flatten(2), 2).reshape(x.shape)

    def normalise(self, x, dims):
        if self.training:
            mean = x.mean(dims, keepdim=True)
            var = x.var(dims, correction=0, keepdim=True)
            whole = x.detach().transpose(0, 1).flatten(1)
            self.running_mean.lerp_(whole.mean(1), self.momentum)
            self.running_var.lerp_(whole.var(1), self.momentum)
            self.num_batches_tracked += 1
        else:
            mean = self.running_mean[:, None]
            var = self.running_var[:, None]
        x = (x - mean) / (var + self.eps).sqrt()
        return x * self.weight[:, None] + self.bias[:, None]
