"""An empty generator accepted.

caught-by: test_no_parameters_is_refused
explained-by: adam-settings
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if not params:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("each beta must be in [0, 1)")
        self.params = list(params)
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.history = {}

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            t, m, v = self.history.setdefault(p, [0, torch.zeros_like(p), torch.zeros_like(p)])
            t += 1
            self.history[p][0] = t
            g = torch.add(p.grad, p, alpha=self.weight_decay)
            m.mul_(self.beta1).add_(g, alpha=1 - self.beta1)
            v.mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
            step_size = self.lr / (1 - self.beta1**t)
            p.addcdiv_(m, (v / (1 - self.beta2**t)).sqrt_().add_(self.eps), value=-step_size)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
