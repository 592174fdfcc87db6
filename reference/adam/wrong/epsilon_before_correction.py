"""Epsilon added to the uncorrected second moment.

caught-by: test_epsilon_is_added_after_the_root, test_tiny_gradients_still_get_full_steps
explained-by: adam-epsilon
"""
import math
from dataclasses import dataclass

import torch


@dataclass
class Moments:
    first: torch.Tensor
    second: torch.Tensor
    steps: int = 0


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        beta1, beta2 = betas
        if lr < 0:
            raise ValueError("negative learning rate")
        if not 0.0 <= beta1 < 1.0 or not 0.0 <= beta2 < 1.0:
            raise ValueError("beta outside [0, 1)")
        if eps < 0:
            raise ValueError("negative epsilon")
        if weight_decay < 0:
            raise ValueError("negative weight decay")
        self.entries = [(p, Moments(torch.zeros_like(p), torch.zeros_like(p))) for p in params]
        if len(self.entries) == 0:
            raise ValueError("empty parameter list")
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.eps, self.weight_decay = eps, weight_decay

    def step(self):
        with torch.no_grad():
            for p, moments in self.entries:
                if p.grad is not None:
                    self._update(p, moments)

    def _update(self, p, moments):
        grad = p.grad.add(p, alpha=self.weight_decay)
        moments.steps += 1
        moments.first.mul_(self.beta1).add_(grad, alpha=1 - self.beta1)
        moments.second.mul_(self.beta2).addcmul_(grad, grad, value=1 - self.beta2)
        root = math.sqrt(1 - self.beta2**moments.steps)
        step_size = self.lr * root / (1 - self.beta1**moments.steps)
        p.addcdiv_(moments.first, moments.second.sqrt().add_(self.eps), value=-step_size)

    def zero_grad(self):
        for p, _ in self.entries:
            if p.grad is not None:
                p.grad.zero_()
