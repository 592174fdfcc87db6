"""Averages that start at the first gradient and are corrected as well.

caught-by: test_the_first_step_is_as_long_as_the_learning_rate
explained-by: adam-bias
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params:
            raise ValueError("no parameters")
        if any(x < 0 for x in (lr, eps, weight_decay)):
            raise ValueError("lr, eps, weight_decay: not below zero")
        if any(not 0 <= b < 1 for b in betas):
            raise ValueError("betas: in [0, 1)")
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        n = len(self.params)
        self.steps = [0] * n
        self.exp_avg = [None] * n
        self.exp_avg_sq = [None] * n

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            grad = p.grad + self.weight_decay * p
            self.steps[i] += 1
            if self.exp_avg[i] is None:
                self.exp_avg[i] = grad.clone()
                self.exp_avg_sq[i] = grad.square()
            else:
                self.exp_avg[i] = beta1 * self.exp_avg[i] + (1 - beta1) * grad
                self.exp_avg_sq[i] = beta2 * self.exp_avg_sq[i] + (1 - beta2) * grad.square()
            m_hat = self.exp_avg[i] / (1 - beta1 ** self.steps[i])
            v_hat = self.exp_avg_sq[i] / (1 - beta2 ** self.steps[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
