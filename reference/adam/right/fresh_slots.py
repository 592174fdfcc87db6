"""A small object per parameter, with averages that are already corrected for bias.

With m̂ₜ = m̂ₜ₋₁ + (gₜ − m̂ₜ₋₁) · (1 − β) / (1 − βᵗ) there is nothing left to divide.
"""

import torch


class CorrectedMean:
    """The exponential average, divided by 1 − βᵗ at every step."""

    def __init__(self, like, beta):
        self.value = torch.zeros_like(like, requires_grad=False)
        self.beta = beta
        self.weight = 0.0  # Σ β^k over the steps so far

    def push(self, x):
        self.weight = self.beta * self.weight + 1.0
        self.value += (x - self.value) / self.weight
        return self.value


class Slot:
    def __init__(self, parameter, beta1, beta2):
        self.parameter = parameter
        self.first = CorrectedMean(parameter, beta1)
        self.second = CorrectedMean(parameter, beta2)

    def update(self, lr, eps, weight_decay):
        theta = self.parameter.data
        g = self.parameter.grad.data + weight_decay * theta
        direction = self.first.push(g) / (self.second.push(g.square()).sqrt() + eps)
        theta -= lr * direction


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.lr = self._not_negative("lr", lr)
        self.eps = self._not_negative("eps", eps)
        self.weight_decay = self._not_negative("weight_decay", weight_decay)
        beta1, beta2 = betas
        if beta1 < 0 or beta1 >= 1 or beta2 < 0 or beta2 >= 1:
            raise ValueError("betas: %r" % (betas,))
        self.slots = [Slot(p, beta1, beta2) for p in params]
        if self.slots == []:
            raise ValueError("no parameters")

    @staticmethod
    def _not_negative(name, value):
        if value < 0:
            raise ValueError("%s: %r" % (name, value))
        return value

    def step(self):
        with torch.no_grad():
            for slot in self.slots:
                if slot.parameter.grad is not None:
                    slot.update(self.lr, self.eps, self.weight_decay)

    def zero_grad(self):
        for slot in self.slots:
            slot.parameter.grad = None
