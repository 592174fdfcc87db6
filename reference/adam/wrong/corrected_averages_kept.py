"""The corrected averages stored as the averages.

caught-by: test_the_averages_are_carried_from_step_to_step
explained-by: adam-bias
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params:
            raise ValueError("no parameters given")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("negative setting")
        if not all(0 <= b < 1 for b in betas):
            raise ValueError("beta out of range")
        self.lr = lr
        self.b1, self.b2 = betas
        self.eps = eps
        self.wd = weight_decay
        self.memory = {}

    def step(self):
        with torch.no_grad():
            for index, p in enumerate(self.params):
                if p.grad is None:
                    continue
                if index not in self.memory:
                    self.memory[index] = [0, torch.zeros_like(p), torch.zeros_like(p)]
                entry = self.memory[index]
                entry[0] += 1
                t, m, v = entry
                g = p.grad + self.wd * p
                m.mul_(self.b1).add_(g, alpha=1 - self.b1)
                v.mul_(self.b2).addcmul_(g, g, value=1 - self.b2)
                m.div_(1 - self.b1**t)
                v.div_(1 - self.b2**t)
                p.addcdiv_(m, v.sqrt() + self.eps, value=-self.lr)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
