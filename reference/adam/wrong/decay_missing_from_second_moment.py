"""Weight decay in the first moment only.

caught-by: test_weight_decay_is_added_to_the_gradient
explained-by: adam-decay
"""
import torch


def _average(old, new, beta):
    return beta * old + (1 - beta) * new


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
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.state[i] = self._move(p, *self.state.get(i, (0, 0.0, 0.0)))

    def _move(self, p, t, m, v):
        beta1, beta2 = self.betas
        t += 1
        m = _average(m, p.grad + self.weight_decay * p, beta1)
        v = _average(v, p.grad**2, beta2)
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        p.copy_(p - self.lr * m_hat / (v_hat**0.5 + self.eps))
        return t, m, v

    def zero_grad(self):
        for p in self.params:
            p.grad = None
