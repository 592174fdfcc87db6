"""Number by number in plain Python, float64 inside; a subclass of ValueError."""

import math

import torch


class BadSetting(ValueError):
    pass


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = tuple(params)
        if not self.params or min(lr, eps, weight_decay, *betas) < 0 or max(betas) >= 1:
            raise BadSetting
        self.settings = lr, *betas, eps, weight_decay
        self.t = [0] * len(self.params)
        self.m = [[0.0] * p.numel() for p in self.params]
        self.v = [[0.0] * p.numel() for p in self.params]

    def step(self):
        lr, beta1, beta2, eps, weight_decay = self.settings
        for p, i in zip(self.params, range(len(self.params)), strict=True):
            if p.grad is None:
                continue
            self.t[i] += 1
            weights = p.detach().flatten().tolist()
            for j, g in enumerate(p.grad.flatten().tolist()):
                g += weight_decay * weights[j]
                self.m[i][j] = beta1 * self.m[i][j] + (1 - beta1) * g
                self.v[i][j] = beta2 * self.v[i][j] + (1 - beta2) * g * g
                m_hat = self.m[i][j] / (1 - beta1 ** self.t[i])
                v_hat = self.v[i][j] / (1 - beta2 ** self.t[i])
                update = lr * m_hat
                weights[j] -= update / (math.sqrt(v_hat) + eps) if update else 0.0
            p.data.copy_(torch.tensor(weights, dtype=p.dtype, device=p.device).view(p.shape))

    def zero_grad(self):
        for p in self.params:
            p.grad = torch.zeros_like(p)
