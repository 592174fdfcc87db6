"""Only the second moment corrected.

caught-by: test_the_first_step_is_as_long_as_the_learning_rate, test_the_averages_are_carried_from_step_to_step
explained-by: adam-bias
"""

from abc import ABC, abstractmethod

import torch


class BadSetting(ValueError):
    pass


class Rule(ABC):
    __slots__ = ("power", "rate", "value")

    def __init__(self, like, rate):
        self.value = torch.zeros_like(like)
        self.rate = rate
        self.power = 1.0

    @abstractmethod
    def observe(self, g): ...

    def push(self, g):
        self.value.mul_(self.rate).add_(self.observe(g), alpha=1 - self.rate)
        self.power *= self.rate

    def corrected(self):
        return self.value / (1 - self.power)


class Mean(Rule):
    __slots__ = ()

    def observe(self, g):
        return g


class MeanSquare(Rule):
    __slots__ = ()

    def observe(self, g):
        return g * g


class Base:
    def __init__(self, params):
        self.params = list(params)
        if not self.params:
            raise BadSetting("no parameters")

    def zero_grad(self, set_to_none=True):
        for p in self.params:
            p.grad = None if set_to_none or p.grad is None else torch.zeros_like(p)

    def step(self, closure=None):
        loss = closure() if closure is not None else None
        with torch.no_grad():
            for p in filter(lambda q: q.grad is not None, self.params):
                self.update(p)
        return loss

    def update(self, p):
        raise NotImplementedError


class Adam(Base):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params)
        beta1, beta2 = betas
        if not (lr >= 0 and eps >= 0 and weight_decay >= 0):
            raise BadSetting("negative")
        if beta1 < 0.0 or beta1 >= 1.0 or beta2 < 0.0 or beta2 >= 1.0:
            raise BadSetting("beta")
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        with torch.no_grad():
            self.rules = {p: (Mean(p, beta1), MeanSquare(p, beta2)) for p in self.params}

    def update(self, p):
        g = p.grad + self.weight_decay * p if self.weight_decay else p.grad
        mean, square = self.rules[p]
        mean.push(g)
        square.push(g)
        p.sub_(mean.value.mul(self.lr).div(square.corrected().sqrt_().add_(self.eps)))
