"""A pure update function; the optimiser only keeps its results. Lists in step with each other."""

from typing import NamedTuple

import torch


class Moments(NamedTuple):
    t: int
    m: torch.Tensor
    v: torch.Tensor


def adam_update(theta, g, s, lr, betas, eps, weight_decay):
    """-> new theta, new moments; nothing is changed."""
    b1, b2 = betas
    t = s.t + 1
    g = g + weight_decay * theta
    m = torch.lerp(g, s.m, b1)
    v = torch.lerp(g * g, s.v, b2)
    # numerator and denominator both multiplied by √(1 − β₂ᵗ)
    root = (1 - b2**t) ** 0.5
    step = lr * root / (1 - b1**t)
    return theta - step * m / (v.sqrt() + eps * root), Moments(t, m, v)


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.config = dict(lr=lr, betas=tuple(betas), eps=eps, weight_decay=weight_decay)
        for key, value in self.config.items():
            for number in value if key == "betas" else (value,):
                if number < 0 or (key == "betas" and number >= 1):
                    raise ValueError(f"{key}={value}")
        self.params = dict(enumerate(params))
        if not self.params:
            raise ValueError("params is empty")
        self.moments = {}

    def step(self):
        with torch.no_grad():
            for i, p in self.params.items():
                if p.grad is None:
                    continue
                old = self.moments.get(i) or Moments(0, torch.zeros_like(p), torch.zeros_like(p))
                new, self.moments[i] = adam_update(p, p.grad, old, **self.config)
                p.copy_(new)

    def zero_grad(self):
        for p in self.params.values():
            if p.grad is not None:
                p.grad = torch.zeros_like(p.grad)
