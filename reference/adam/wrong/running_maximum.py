"""A running maximum of the second moment, as in AMSGrad.

caught-by: test_the_second_moment_can_shrink_again
explained-by: adam-moments
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params:
            raise ValueError("no parameters")
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("lr, eps and weight_decay must be at least 0")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("betas must lie in [0, 1)")
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = {}
        for p in self.params:
            self.state[p] = {"step": 0}
            for name in ("m", "v", "v_max"):
                self.state[p][name] = torch.zeros_like(p)

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            s = self.state[p]
            s["step"] += 1
            grad = p.grad.add(p, alpha=self.weight_decay)
            s["m"].lerp_(grad, 1 - self.beta1)
            s["v"].mul_(self.beta2).addcmul_(grad, grad, value=1 - self.beta2)
            v_hat = s["v"] / (1 - self.beta2 ** s["step"])
            s["v_max"] = torch.maximum(s["v_max"], v_hat)
            denominator = s["v_max"].sqrt() + self.eps
            p.addcdiv_(s["m"], denominator, value=-self.lr / (1 - self.beta1 ** s["step"]))

    def zero_grad(self):
        for p in self.params:
            p.grad = None
