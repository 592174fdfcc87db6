"""The state has names of its own: gamma, beta, moving_mean, moving_var.

caught-by: test_a_new_layer_has_the_state_of_its_library_twin,
    test_a_state_dict_goes_in_and_comes_out,
    test_the_buffers_carry_no_graph,
    test_training_batches_are_counted
explained-by: batchnorm-state
"""

import torch
from torch import nn


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("moving_mean", torch.zeros(num_features))
        self.register_buffer("moving_var", torch.ones(num_features))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if x.dim() not in (2, 3, 4):
            raise ValueError("x must have 2, 3 or 4 dimensions")
        if x.shape[1] != self.gamma.numel():
            raise ValueError("wrong number of channels")
        last = x.transpose(1, -1)
        if self.training:
            if x.numel() == x.shape[1]:
                raise ValueError("one value per channel")
            dims = tuple(range(x.dim() - 1))
            var, mean = torch.var_mean(last, dims, correction=0)
            with torch.no_grad():
                self.moving_mean.lerp_(mean, self.momentum)
                self.moving_var.lerp_(last.var(dims), self.momentum)
                self.steps.add_(1)
        else:
            mean, var = self.moving_mean, self.moving_var
        out = (last - mean) / (var + self.eps).sqrt() * self.gamma + self.beta
        return out.transpose(1, -1)
