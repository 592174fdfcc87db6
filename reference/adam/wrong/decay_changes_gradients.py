"""Weight decay added into the gradient itself.

caught-by: test_gradients_are_left_as_they_are
explained-by: adam-decay
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
        self.m = {p: torch.zeros_like(p) for p in self.params}
        self.v = {p: torch.zeros_like(p) for p in self.params}
        self.t = dict.fromkeys(self.params, 0)

    @torch.no_grad()
    def step(self):
        for p in self.params:
            grad = p.grad
            if grad is None:
                continue
            if self.weight_decay:
                grad += self.weight_decay * p
            self.t[p] += 1
            self.m[p] = self.beta1 * self.m[p] + (1 - self.beta1) * grad
            self.v[p] = self.beta2 * self.v[p] + (1 - self.beta2) * grad**2
            m_hat = self.m[p] / (1 - self.beta1 ** self.t[p])
            v_hat = self.v[p] / (1 - self.beta2 ** self.t[p])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
