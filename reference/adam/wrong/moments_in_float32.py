"""Averages in float32, whatever the parameter's dtype.

caught-by: test_float64_parameters_are_averaged_in_float64
explained-by: adam-state
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("each beta must be in [0, 1)")
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.avgs = [torch.zeros(2, *p.shape, device=p.device) for p in self.params]
        self.steps = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, (p, avg) in enumerate(zip(self.params, self.avgs)):
            if p.grad is None:
                continue
            self.steps[i] += 1
            g = p.grad + self.weight_decay * p
            avg[0] = self.beta1 * avg[0] + (1 - self.beta1) * g
            avg[1] = self.beta2 * avg[1] + (1 - self.beta2) * g * g
            m_hat = avg[0] / (1 - self.beta1 ** self.steps[i])
            v_hat = avg[1] / (1 - self.beta2 ** self.steps[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
