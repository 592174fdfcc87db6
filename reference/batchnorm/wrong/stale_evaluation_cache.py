"""The scale of evaluation is computed once and never again.

caught-by: test_modes_can_alternate,
    test_a_state_dict_goes_in_and_comes_out
explained-by: batchnorm-modes
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
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64))
        self.eps = eps
        self.momentum = momentum
        self.folded = None

    def forward(self, x):
        C = self.weight.numel()
        if x.ndim < 2 or x.ndim > 4 or x.shape[1] != C:
            raise ValueError(f"bad shape {tuple(x.shape)} for {C} channels")
        moved = x.movedim(1, -1)
        rows = moved.reshape(-1, C)
        if not self.training:
            if self.folded is None:
                self.folded = self.running_mean.clone(), self.running_var.clone()
            mu, sigma2 = self.folded
        elif len(rows) == 1:
            raise ValueError("one value per channel")
        else:
            mu = rows.mean(0)
            sigma2 = rows.var(0, correction=0)
            self.remember(rows.detach())
        rows = (rows - mu) / (sigma2 + self.eps).sqrt()
        rows = rows * self.weight + self.bias
        return rows.reshape(moved.shape).movedim(-1, 1)

    def remember(self, rows):
        self.running_mean += self.momentum * (rows.mean(0) - self.running_mean)
        self.running_var += self.momentum * (rows.var(0) - self.running_var)
        self.num_batches_tracked += 1
