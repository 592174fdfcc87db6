"""An update that is lost where a parameter is not contiguous.

caught-by: test_parameters_of_mixed_shapes_are_independent
explained-by: adam-loop
"""

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if len(self.params) == 0:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must not be negative")
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError("betas must lie in [0, 1)")
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        for p in self.params:
            if p.grad is None:
                continue
            if p not in self.state:
                self.state[p] = {"t": 0, "m": torch.zeros_like(p), "v": torch.zeros_like(p)}
            s = self.state[p]
            grad = p.grad
            if self.weight_decay != 0:
                grad = grad + self.weight_decay * p
            s["t"] += 1
            s["m"].mul_(beta1).add_(grad, alpha=1 - beta1)
            s["v"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
            m_hat = s["m"] / (1 - beta1 ** s["t"])
            v_hat = s["v"] / (1 - beta2 ** s["t"])
            update = self.lr * m_hat / (v_hat.sqrt() + self.eps)
            # a view of p, but a copy when p is transposed
            p.reshape(-1).sub_(update.reshape(-1))

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()
