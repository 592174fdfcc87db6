"""The step count goes up once per parameter, not once per step.

caught-by: test_the_averages_are_carried_from_step_to_step, test_parameters_of_mixed_shapes_are_independent
explained-by: adam-bias
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if len(self.params) == 0:
            raise ValueError("params is empty")
        if lr < 0:
            raise ValueError("lr < 0")
        if eps < 0:
            raise ValueError("eps < 0")
        if weight_decay < 0:
            raise ValueError("weight_decay < 0")
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError("betas not in [0, 1)")
        self.lr = lr
        self.beta1 = betas[0]
        self.beta2 = betas[1]
        self.eps = eps
        self.weight_decay = weight_decay
        self.t = 0
        self.ms = [torch.zeros_like(p) for p in self.params]
        self.vs = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, m, v in zip(self.params, self.ms, self.vs):
            if p.grad is None:
                continue
            self.t += 1
            grad = p.grad + self.weight_decay * p
            m.mul_(self.beta1).add_(grad, alpha=1 - self.beta1)
            v.mul_(self.beta2).addcmul_(grad, grad, value=1 - self.beta2)
            correction1 = 1 - self.beta1**self.t
            correction2 = 1 - self.beta2**self.t
            p -= self.lr * (m / correction1) / ((v / correction2).sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
