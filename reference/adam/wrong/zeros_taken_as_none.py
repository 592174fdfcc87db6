"""A gradient of zeros taken for a missing one.

caught-by: test_a_gradient_of_zeros_is_still_a_step
explained-by: adam-none
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = [p for p in params if isinstance(p, torch.Tensor)]
        if not self.params:
            raise ValueError("no parameters")
        if min(lr, eps, weight_decay) < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if min(betas) < 0 or max(betas) >= 1:
            raise ValueError("each beta must be in [0, 1)")
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = {p: {"t": 0, "m": None, "v": None} for p in self.params}

    @torch.no_grad()
    def step(self):
        for p, s in self.state.items():
            if p.grad is None or p.grad.count_nonzero() == 0:
                continue
            g = p.grad + self.weight_decay * p
            if s["t"] == 0:
                s["m"], s["v"] = torch.zeros_like(g), torch.zeros_like(g)
            s["t"] += 1
            s["m"] += (1 - self.beta1) * (g - s["m"])
            s["v"] += (1 - self.beta2) * (g**2 - s["v"])
            rate = self.lr / (1 - self.beta1 ** s["t"])
            root = (s["v"] / (1 - self.beta2 ** s["t"])).sqrt()
            p -= rate * s["m"] / (root + self.eps)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad = torch.zeros_like(p)
