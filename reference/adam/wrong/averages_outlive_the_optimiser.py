"""Averages that a later optimiser finds by position.

caught-by: test_two_optimisers_share_nothing, test_a_second_optimiser_starts_afresh
explained-by: adam-state
"""

from typing import NamedTuple

import torch


class Moments(NamedTuple):
    m: torch.Tensor
    v: torch.Tensor
    b1_power: float
    b2_power: float


def fresh(p):
    return Moments(torch.zeros_like(p), torch.zeros_like(p), 1.0, 1.0)


def advance(moments, g, b1, b2):
    """The moments after one more gradient."""
    return Moments(
        b1 * moments.m + (1 - b1) * g,
        b2 * moments.v + (1 - b2) * g * g,
        moments.b1_power * b1,
        moments.b2_power * b2,
    )


def direction(moments, eps):
    m_hat = moments.m / (1 - moments.b1_power)
    v_hat = moments.v / (1 - moments.b2_power)
    return m_hat / (v_hat.sqrt() + eps)


class Adam:
    moments = {}

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        params = tuple(params)
        problems = [
            name
            for name, bad in {
                "lr": lr < 0,
                "eps": eps < 0,
                "weight_decay": weight_decay < 0,
                "betas": not (0 <= betas[0] < 1 and 0 <= betas[1] < 1),
                "params": len(params) == 0,
            }.items()
            if bad
        ]
        if problems:
            raise ValueError("bad " + ", ".join(problems))
        self.params, self.lr, self.betas, self.eps, self.wd = params, lr, betas, eps, weight_decay

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            theta = p.detach()
            g = p.grad.detach() + self.wd * theta
            old = self.moments.get(i) or fresh(theta)
            new = advance(old, g, *self.betas)
            self.moments[i] = new
            theta.sub_(self.lr * direction(new, self.eps))

    def zero_grad(self):
        for p in self.params:
            p.grad = None
