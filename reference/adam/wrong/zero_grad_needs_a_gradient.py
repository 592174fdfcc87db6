"""zero_grad fails where there is no gradient yet.

caught-by: test_zero_grad_takes_a_missing_gradient, test_a_training_loop_follows_the_loss_down
explained-by: adam-none
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
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        self.state = {p: (0, torch.zeros_like(p), torch.zeros_like(p)) for p in self.params}

    @torch.no_grad()
    def step(self):
        for p, (t, m, v) in self.state.items():
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            m = torch.lerp(m, g, 1 - self.beta1)
            v = torch.lerp(v, g * g, 1 - self.beta2)
            t = t + 1
            self.state[p] = (t, m, v)
            m_hat = m / (1 - self.beta1**t)
            v_hat = v / (1 - self.beta2**t)
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad.zero_()
