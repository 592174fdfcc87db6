"""Powers of the betas multiplied out anew in every step.

caught-by: test_a_late_step_costs_no_more_than_an_early_one
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
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0 for _ in self.params]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.t[i] += 1
            g = p.grad
            if self.weight_decay != 0:
                g = g + self.weight_decay * p
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g**2
            b1t = b2t = 1.0
            for _ in range(self.t[i]):
                b1t *= self.beta1
                b2t *= self.beta2
            m_hat = self.m[i] / (1 - b1t)
            v_hat = self.v[i] / (1 - b2t)
            p -= self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
