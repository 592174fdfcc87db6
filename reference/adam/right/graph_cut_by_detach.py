"""No no_grad anywhere: what weight decay hangs on a graph is detached at once."""

import torch


class Adam:
    __slots__ = ("betas", "entries", "eps", "lr", "weight_decay")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.entries = [[p, 1.0, 1.0, torch.zeros_like(p), torch.zeros_like(p)] for p in params]
        if not self.entries:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0 or any(b < 0 or b >= 1 for b in betas):
            raise ValueError("setting out of range")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay

    def step(self):
        for entry in self.entries:
            p, power1, power2, m, v = entry
            if p.grad is None:
                continue
            g = (p.grad + self.weight_decay * p).detach()
            beta1, beta2 = self.betas
            power1, power2 = power1 * beta1, power2 * beta2
            m = torch.stack([m, g], dim=-1) @ torch.tensor([beta1, 1 - beta1]).to(g)
            v = torch.stack([v, g * g], dim=-1) @ torch.tensor([beta2, 1 - beta2]).to(g)
            entry[1:] = power1, power2, m, v
            update = m / (1 - power1) / ((v / (1 - power2)).sqrt() + self.eps)
            p.detach().sub_(update, alpha=self.lr)

    def zero_grad(self):
        for p, *_ in self.entries:
            if p.grad is not None:
                p.grad.fill_(0.0)
