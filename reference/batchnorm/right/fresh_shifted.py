"""One pass of sums over data that is shifted near zero: var = E[d²] − E[d]², with einsum."""

import torch
import torch.nn as nn


class BatchNorm(nn.Module):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.C, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.empty(num_features))
        self.bias = nn.Parameter(torch.empty(num_features))
        self.register_buffer("running_mean", torch.empty(num_features))
        self.register_buffer("running_var", torch.empty(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        self.running_mean.zero_()
        self.running_var.fill_(1)
        self.num_batches_tracked.zero_()

    def forward(self, x):
        if x.ndim < 2 or x.ndim > 4:
            raise ValueError("x is not (N, C), (N, C, L) or (N, C, H, W)")
        n, c = x.shape[0], x.shape[1]
        if c != self.C:
            raise ValueError(f"{c} channels instead of {self.C}")
        flat = x.reshape(n, c, -1)  # (N, C, positions)
        if not self.training:
            y = torch.einsum(
                "ncp,c->ncp",
                flat - self.running_mean[:, None],
                self.weight / torch.sqrt(self.running_var + self.eps),
            )
            return (y + self.bias[:, None]).reshape(x.shape).type_as(x)

        count = n * flat.shape[2]
        if count == 1:
            raise ValueError("a single value per channel cannot be normalised in training")
        # A constant close to the mean: it cancels, so no gradient has to pass it.
        shift = flat.detach().mean(dim=(0, 2))
        d = flat - shift[:, None]
        d_mean = torch.einsum("ncp->c", d) / count
        var = (torch.einsum("ncp,ncp->c", d, d) / count - d_mean.square()).clamp_min(0)
        y = (d - d_mean[:, None]) * (self.weight * (var + self.eps) ** -0.5)[:, None]

        keep = 1 - self.momentum
        mean = (shift + d_mean).detach()
        unbiased = var.detach() * (count / (count - 1))
        self.running_mean = keep * self.running_mean + self.momentum * mean.to(self.running_mean)
        self.running_var = keep * self.running_var + self.momentum * unbiased.to(self.running_var)
        self.num_batches_tracked = self.num_batches_tracked + 1
        return (y + self.bias[:, None]).reshape(x.shape).type_as(x)
