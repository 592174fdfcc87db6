"""Epsilon as a lower bound instead of a summand.

caught-by: test_epsilon_is_added_after_the_root
explained-by: adam-epsilon
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = [p for p in params]
        if self.params == []:
            raise ValueError("got an empty parameter list")
        for value in (lr, eps, weight_decay):
            if value < 0:
                raise ValueError(f"negative value: {value}")
        for beta in betas:
            if beta < 0 or beta >= 1:
                raise ValueError(f"invalid beta: {beta}")
        self.lr = lr
        self.b1, self.b2 = betas
        self.eps = eps
        self.wd = weight_decay
        self.counts = [0] * len(self.params)
        self.avg = [torch.zeros_like(p) for p in self.params]
        self.avg_sq = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for k in range(len(self.params)):
            p = self.params[k]
            if p.grad is None:
                continue
            grad = p.grad + self.wd * p
            self.counts[k] += 1
            self.avg[k].lerp_(grad, 1 - self.b1)
            self.avg_sq[k].lerp_(grad * grad, 1 - self.b2)
            first = self.avg[k] / (1 - self.b1 ** self.counts[k])
            scale = (self.avg_sq[k] / (1 - self.b2 ** self.counts[k])).sqrt()
            p -= self.lr * first / scale.clamp(min=self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
