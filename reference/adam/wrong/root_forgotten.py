"""Divided by the second moment itself, without the root.

caught-by: test_the_first_step_is_as_long_as_the_learning_rate, test_the_averages_are_carried_from_step_to_step
explained-by: adam-moments
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        params = list(params)
        if not params:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("negative hyperparameter")
        if not 0 <= betas[0] < 1:
            raise ValueError("first beta outside [0, 1)")
        if not 0 <= betas[1] < 1:
            raise ValueError("second beta outside [0, 1)")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.groups = [[p, torch.zeros_like(p), torch.zeros_like(p), 0] for p in params]

    @torch.no_grad()
    def step(self):
        for group in self.groups:
            if group[0].grad is not None:
                group[1:] = self._advance(*group)

    def _advance(self, p, m, v, t):
        beta1, beta2 = self.betas
        g = p.grad + self.weight_decay * p
        m, v, t = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g, t + 1
        p -= self.lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + self.eps)
        return m, v, t

    def zero_grad(self):
        for p, *_ in self.groups:
            p.grad = None
