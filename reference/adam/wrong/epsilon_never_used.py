"""No epsilon in the denominator.

caught-by: test_epsilon_is_added_after_the_root, test_a_weight_with_zero_gradient_stays
explained-by: adam-epsilon
"""
import torch


def _check(name, value, upper=float("inf")):
    if not 0 <= value < upper:
        raise ValueError(f"{name} out of range: {value}")


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        _check("lr", lr)
        _check("beta1", betas[0], 1)
        _check("beta2", betas[1], 1)
        _check("eps", eps)
        _check("weight_decay", weight_decay)
        self.params = tuple(params)
        if len(self.params) < 1:
            raise ValueError("at least one parameter is needed")
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p in self.params:
            if p.grad is None:
                continue
            t, m, v = self.state.get(id(p), (0, 0.0, 0.0))
            g = p.grad.clone()
            if self.weight_decay > 0:
                g += self.weight_decay * p
            t = t + 1
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g.pow(2)
            self.state[id(p)] = (t, m, v)
            ratio = (m / (1 - b1**t)) / (v / (1 - b2**t)).sqrt()
            p.sub_(self.lr * ratio)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
