"""Averages looked up by the shape of the parameter.

caught-by: test_parameters_of_mixed_shapes_are_independent
explained-by: adam-state
"""
from collections import defaultdict

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("each beta must be in [0, 1)")
        self.params = list(params)
        if not self.params:
            raise ValueError("no parameters")
        self.lr, self.betas = lr, betas
        self.eps, self.weight_decay = eps, weight_decay
        self.m, self.v = defaultdict(float), defaultdict(float)
        self.t = defaultdict(int)

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for p in self.params:
            if p.grad is None:
                continue
            key = tuple(p.shape)
            g = p.grad + self.weight_decay * p
            self.t[key] += 1
            self.m[key] = beta1 * self.m[key] + (1 - beta1) * g
            self.v[key] = beta2 * self.v[key] + (1 - beta2) * g * g
            m_hat = self.m[key] / (1 - beta1 ** self.t[key])
            v_hat = self.v[key] / (1 - beta2 ** self.t[key])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
