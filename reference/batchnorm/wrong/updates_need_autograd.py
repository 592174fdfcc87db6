"""The running statistics move only while autograd is on.

caught-by: test_training_is_a_mode_and_not_the_presence_of_autograd
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
        self.register_buffer("num_batches_tracked", torch.tensor(0))
        self.eps = eps
        self.momentum = momentum

    def forward(self, x):
        C = self.weight.numel()
        if x.ndim < 2 or x.ndim > 4 or x.shape[1] != C:
            raise ValueError(f"bad shape {tuple(x.shape)} for {C} channels")
        moved = x.movedim(1, -1)
        rows = moved.reshape(-1, C)
        if not self.training:
            mu, sigma2 = self.running_mean, self.running_var
        elif len(rows) == 1:
            raise ValueError("one value per channel")
        else:
            mu = rows.mean(0)
            sigma2 = rows.var(0, correction=0)
            if torch.is_grad_enabled():
                self.remember(rows.detach())
        rows = (rows - mu) / (sigma2 + self.eps).sqrt()
        rows = rows * self.weight + self.bias
        return rows.reshape(moved.shape).movedim(-1, 1)

    def remember(self, rows):
        self.running_mean += self.momentum * (rows.mean(0) - self.running_mean)
        self.running_var += self.momentum * (rows.var(0) - self.running_var)
        self.num_batches_tracked += 1
