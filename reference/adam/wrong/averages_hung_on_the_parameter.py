"""Averages that all optimisers of a parameter share.

caught-by: test_a_second_optimiser_starts_afresh
explained-by: adam-state
"""

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if len(self.params) == 0:
            raise ValueError("no parameters")
        if lr < 0:
            raise ValueError("lr")
        if eps < 0:
            raise ValueError("eps")
        if weight_decay < 0:
            raise ValueError("weight_decay")
        if not 0 <= betas[0] < 1:
            raise ValueError("beta1")
        if not 0 <= betas[1] < 1:
            raise ValueError("beta2")
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        for p in self.params:
            if not hasattr(p, 'adam_t'):
                p.adam_t, p.adam_m, p.adam_v = 0, torch.zeros_like(p.data), torch.zeros_like(p.data)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            p.adam_t += 1
            g = p.grad
            if self.weight_decay != 0:
                g = g + self.weight_decay * p
            p.adam_m = self.beta1 * p.adam_m + (1 - self.beta1) * g
            p.adam_v = self.beta2 * p.adam_v + (1 - self.beta2) * g**2
            m_hat = p.adam_m / (1 - self.beta1**p.adam_t)
            v_hat = p.adam_v / (1 - self.beta2**p.adam_t)
            p -= self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
