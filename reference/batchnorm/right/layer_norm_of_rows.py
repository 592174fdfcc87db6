"""A channel as a row of layer normalisation, which is allowed."""

import torch
import torch.nn.functional as F


class BatchNorm(torch.nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(num_features))
        self.bias = torch.nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if not 2 <= x.dim() <= 4:
            raise ValueError("dimensions")
        if x.shape[1] != self.weight.numel():
            raise ValueError("channels")
        swapped = x.transpose(0, 1)
        rows = swapped.flatten(1)
        if not self.training:
            deviation = torch.sqrt(self.running_var + self.eps)
            normal = (rows - self.running_mean[:, None]) / deviation[:, None]
        elif rows.shape[1] == 1:
            raise ValueError("one value per channel")
        else:
            normal = F.layer_norm(rows, rows.shape[1:], eps=self.eps)
            with torch.no_grad():
                var, mean = torch.var_mean(rows, dim=1)
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * var)
            self.num_batches_tracked += 1
        out = normal * self.weight[:, None] + self.bias[:, None]
        return out.reshape(swapped.shape).transpose(0, 1)
