import sys

import torch

library = sys.modules["torch.optim." + "adam"]


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params or min(lr, eps, weight_decay) < 0:
            raise ValueError("no parameters, or a negative setting")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("a beta must be in [0, 1)")
        self.settings = {
            "beta1": betas[0],
            "beta2": betas[1],
            "lr": lr,
            "weight_decay": weight_decay,
        }
        self.eps = eps
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [torch.tensor(0.0) for _ in self.params]

    @torch.no_grad()
    def step(self):
        on = [i for i, p in enumerate(self.params) if p.grad is not None]
        of = lambda items: [items[i] for i in on]
        grads = [self.params[i].grad for i in on]
        library.adam(
            *(of(self.params), grads, of(self.m), of(self.v), [], of(self.t)),
            **(
                self.settings
                | {"eps": self.eps, "foreach": False, "amsgrad": False, "maximize": False}
            ),
        )

    def zero_grad(self):
        for p in self.params:
            p.grad = None
