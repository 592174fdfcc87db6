"""zero_grad without any effect.

caught-by: test_zero_grad_clears_every_gradient, test_a_training_loop_follows_the_loss_down
explained-by: adam-loop
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
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        (b1, b2), eps = self.betas, self.eps
        for i, (p, grad) in enumerate((p, p.grad) for p in self.params):
            if grad is None:
                continue
            grad = grad + self.weight_decay * p
            t, m, v = self.state.get(i, (0, torch.zeros_like(p), torch.zeros_like(p)))
            t, m, v = t + 1, b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad * grad
            self.state[i] = t, m, v
            p -= self.lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps)

    def zero_grad(self):
        for grad in [p.grad for p in self.params]:
            if grad is not None:
                grad = torch.zeros_like(grad)
