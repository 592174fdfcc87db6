"""Evaluation goes on updating the running statistics.

caught-by: test_evaluation_updates_nothing,
    test_modes_can_alternate,
    test_a_state_dict_goes_in_and_comes_out,
    test_float64_is_kept_and_used
explained-by: batchnorm-modes
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

        columns = x.transpose(0, 1).flatten(1)
        mean, var = columns.mean(1), columns.var(1, correction=0)
        if self.training:
            y = self.apply_to(x, mean, var)
        else:
            y = self.apply_to(x, self.running_mean, self.running_var)
        self.track(columns.detach())
        return y

    def apply_to(self, x, mean, var):
        gain = self.weight / (var + self.eps).sqrt()
        tail = (1,) * (x.ndim - 2)
        return (x - mean.reshape(-1, *tail)) * gain.reshape(-1, *tail) + self.bias.reshape(
            -1, *tail
        )

    @torch.no_grad()
    def track(self, columns):
        if columns.shape[1] < 2:
            return
        m = self.momentum
        self.running_mean = torch.lerp(self.running_mean, columns.mean(1), m)
        self.running_var = torch.lerp(self.running_var, columns.var(1), m)
        self.num_batches_tracked += 1
