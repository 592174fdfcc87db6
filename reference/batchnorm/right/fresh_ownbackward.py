"""The normalisation as an autograd.Function, with its backward pass written by hand."""

import torch
from torch import nn


class Standardise(torch.autograd.Function):
    """x -> (x − mean) / √(var + eps), with the statistics of x itself."""

    @staticmethod
    def forward(ctx, x, eps, axes):
        mean = x.mean(axes, keepdim=True)
        xc = x - mean
        var = xc.pow(2).mean(axes, keepdim=True)
        inv = (var + eps).rsqrt()
        xhat = xc * inv
        ctx.save_for_backward(xhat, inv)
        ctx.axes = axes
        ctx.mark_non_differentiable(mean, var)
        return xhat, mean, var

    @staticmethod
    def backward(ctx, g, _mean, _var):
        xhat, inv = ctx.saved_tensors
        g_mean = g.mean(ctx.axes, keepdim=True)
        gx_mean = (g * xhat).mean(ctx.axes, keepdim=True)
        return inv * (g - g_mean - xhat * gx_mean), None, None


class BatchNorm(nn.Module):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        for name, value in {
            "running_mean": torch.zeros(num_features),
            "running_var": torch.ones(num_features),
            "num_batches_tracked": torch.tensor(0, dtype=torch.int64),
        }.items():
            self.register_buffer(name, value)

    def extra_repr(self):
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"

    def forward(self, x):
        self._check(x)
        view = (-1,) + (1,) * (x.dim() - 2)
        if self.training:
            axes = tuple(a for a in range(x.dim()) if a != 1)
            xhat, mean, var = Standardise.apply(x, self.eps, axes)
            self._update(mean.flatten(), var.flatten(), x.numel() // self.num_features)
        else:
            inv = 1 / torch.sqrt(self.running_var + self.eps)
            xhat = (x - self.running_mean.reshape(view)) * inv.reshape(view)
        y = torch.addcmul(self.bias.reshape(view), self.weight.reshape(view), xhat)
        return y.to(x.dtype)

    def _check(self, x):
        if self.training and x.dim() >= 2 and x.numel() == x.shape[1]:
            raise ValueError("training on one value per channel")
        if x.dim() not in (2, 3, 4) or x.shape[1] != self.num_features:
            raise ValueError(f"bad shape {tuple(x.shape)}")

    def _update(self, mean, var, n):
        with torch.no_grad():
            m = self.momentum
            self.running_mean.copy_((1 - m) * self.running_mean + m * mean)
            self.running_var.copy_((1 - m) * self.running_var + m * var * (n / (n - 1)))
            self.num_batches_tracked.copy_(self.num_batches_tracked + 1)
