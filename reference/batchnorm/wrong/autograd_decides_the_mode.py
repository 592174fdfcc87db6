"""Training is told by whether autograd is on.

caught-by: test_training_is_a_mode_and_not_the_presence_of_autograd,
    test_evaluation_updates_nothing,
    test_evaluation_has_gradients,
    test_one_value_per_channel_is_refused_in_training_only
explained-by: batchnorm-modes
"""

import torch
from torch import nn


def batch_norm(x, gamma, beta, moving_mean, moving_var, eps, momentum):
    view = (1, -1) + (1,) * (x.dim() - 2)
    if not torch.is_grad_enabled():
        x_hat = (x - moving_mean.view(view)) / torch.sqrt(moving_var.view(view) + eps)
    else:
        n = x.numel() // x.shape[1]
        if n == 1:
            raise ValueError("one value per channel")
        dims = (0,) if x.dim() == 2 else (0, 2) if x.dim() == 3 else (0, 2, 3)
        mean = x.mean(dim=dims)
        var = ((x - mean.view(view)) ** 2).mean(dim=dims)
        x_hat = (x - mean.view(view)) / torch.sqrt(var.view(view) + eps)
        moving_mean = (1.0 - momentum) * moving_mean + momentum * mean.data
        moving_var = (1.0 - momentum) * moving_var + momentum * var.data * n / (n - 1)
    return gamma.view(view) * x_hat + beta.view(view), moving_mean, moving_var


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
        if x.dim() not in (2, 3, 4) or x.shape[1] != self.num_features:
            raise ValueError(f"unexpected shape {tuple(x.shape)}")
        if torch.is_grad_enabled():
            self.num_batches_tracked += 1
        y, self.running_mean, self.running_var = batch_norm(
            x, self.weight, self.bias, self.running_mean, self.running_var, self.eps, self.momentum
        )
        return y
