"""The two betas swapped.

caught-by: test_each_beta_belongs_to_its_own_average
explained-by: adam-moments
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must be non-negative")
        for beta in betas:
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"beta must be in [0, 1), got {beta}")
        self.lr = lr
        self.betas = tuple(betas)
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = [self._fresh(p) for p in self.params]

    @staticmethod
    def _fresh(p):
        return {"t": 0, "square": torch.zeros_like(p), "mean": torch.zeros_like(p)}

    @torch.no_grad()
    def step(self):
        for p, s in zip(self.params, self.state):
            if p.grad is None:
                continue
            grad = p.grad + self.weight_decay * p
            s["t"] += 1
            hats = []
            for key, beta, value in zip(("square", "mean"), self.betas, (grad * grad, grad)):
                s[key] = torch.lerp(value, s[key], beta)
                hats.append(s[key] / (1 - beta ** s["t"]))
            square, mean = hats
            p.sub_(self.lr * mean / (square.sqrt() + self.eps))

    def zero_grad(self):
        for p in self.params:
            p.grad = None
