"""Both averages summed anew from all past gradients.

caught-by: test_a_late_step_costs_no_more_than_an_early_one
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
        self.past = [[] for _ in self.params]

    @torch.no_grad()
    def step(self):
        for p, past in zip(self.params, self.past):
            if p.grad is None:
                continue
            past.append(p.grad + self.weight_decay * p)
            t = len(past)
            m = sum(self.beta1 ** (t - i) * g for i, g in enumerate(past, start=1))
            v = sum(self.beta2 ** (t - i) * g * g for i, g in enumerate(past, start=1))
            m_hat = (1 - self.beta1) * m / (1 - self.beta1**t)
            v_hat = (1 - self.beta2) * v / (1 - self.beta2**t)
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
