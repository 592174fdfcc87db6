"""One dict of state per parameter, filled at its first step; rearranged as in the paper's remark."""

import math
from collections import defaultdict

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0:
            raise ValueError("lr must not be negative")
        for beta in betas:
            if not 0 <= beta < 1:
                raise ValueError("each beta must lie in [0, 1)")
        if eps < 0:
            raise ValueError("eps must not be negative")
        if weight_decay < 0:
            raise ValueError("weight_decay must not be negative")
        self.params = list(params)
        if not self.params:
            raise ValueError("nothing to optimise")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.state = defaultdict(dict)

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p in self.params:
            if p.grad is None:
                continue
            s = self.state[p]
            if not s:
                s["t"] = 0
                s["m"] = torch.zeros_like(p)
                s["v"] = torch.zeros_like(p)
            s["t"] += 1
            g = p.grad
            if self.weight_decay:
                g = g.add(p, alpha=self.weight_decay)
            s["m"].mul_(b1).add_(g, alpha=1 - b1)
            s["v"].mul_(b2).addcmul_(g, g, value=1 - b2)
            c1, root2 = 1 - b1 ** s["t"], math.sqrt(1 - b2 ** s["t"])
            # lr · (m/c1) / (√v/root2 + eps)
            denominator = s["v"].sqrt().div_(root2).add_(self.eps)
            p.addcdiv_(s["m"], denominator, value=-self.lr / c1)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
