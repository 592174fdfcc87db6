"""A hand-written backward, statistics in float64, buffers replaced by new tensors."""

import torch
from torch import nn


class _Normalise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows, eps):
        centred = rows - rows.double().mean(1, keepdim=True).to(rows.dtype)
        inverse = (centred.double().square().mean(1, keepdim=True) + eps).rsqrt().to(rows.dtype)
        normal = centred * inverse
        ctx.save_for_backward(normal, inverse)
        return normal

    @staticmethod
    def backward(ctx, grad):
        normal, inverse = ctx.saved_tensors
        shift = grad.mean(1, keepdim=True)
        stretch = (grad * normal).mean(1, keepdim=True)
        return (grad - shift - normal * stretch) * inverse, None


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.long))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.bias = nn.Parameter(torch.empty(num_features))
        self.weight = nn.Parameter(torch.empty(num_features))
        nn.init.zeros_(self.bias)
        nn.init.ones_(self.weight)
        self.eps = eps
        self.keep = 1.0 - momentum

    def forward(self, x):
        channels = len(self.weight)
        if x.dim() not in (2, 3, 4) or x.shape[1] != channels:
            raise ValueError(f"cannot take {tuple(x.shape)}")
        rows = x.transpose(0, 1).reshape(channels, -1)
        if self.training:
            if rows.shape[1] == 1:
                raise ValueError("one value per channel")
            self.learn(rows.detach().double())
            normal = _Normalise.apply(rows, self.eps)
        else:
            normal = (rows - self.running_mean[:, None]) / (
                self.running_var[:, None] + self.eps
            ) ** 0.5
        out = torch.addcmul(self.bias[:, None], normal, self.weight[:, None])
        return out.reshape(x.transpose(0, 1).shape).transpose(0, 1)

    def learn(self, rows):
        var, mean = torch.var_mean(rows, dim=1)
        new_mean = self.keep * self.running_mean + (1 - self.keep) * mean
        new_var = self.keep * self.running_var + (1 - self.keep) * var
        self.running_mean = new_mean.to(self.running_mean.dtype)
        self.running_var = new_var.to(self.running_var.dtype)
        self.num_batches_tracked = self.num_batches_tracked + 1
