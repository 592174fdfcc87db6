"""Bias correction one step ahead.

caught-by: test_the_first_step_is_as_long_as_the_learning_rate, test_the_averages_are_carried_from_step_to_step
explained-by: adam-bias
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params:
            raise ValueError("nothing to optimise")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must be at least 0")
        if any(b < 0 or b >= 1 for b in betas):
            raise ValueError("each beta must be in [0, 1)")
        self.lr, self.betas, self.eps, self.decay = lr, betas, eps, weight_decay
        self.slots = [
            {"t": 1, "m": torch.zeros_like(p), "v": torch.zeros_like(p)} for p in self.params
        ]

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for p, slot in zip(self.params, self.slots):
            if p.grad is None:
                continue
            g = p.grad + self.decay * p
            slot["t"] += 1
            slot["m"] = beta1 * slot["m"] + (1 - beta1) * g
            slot["v"] = beta2 * slot["v"] + (1 - beta2) * torch.square(g)
            m_hat = slot["m"] / (1 - beta1 ** slot["t"])
            v_hat = slot["v"] / (1 - beta2 ** slot["t"])
            p.add_(m_hat / (torch.sqrt(v_hat) + self.eps), alpha=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
