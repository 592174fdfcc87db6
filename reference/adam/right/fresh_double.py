"""The equations letter by letter, in double precision, rounded once at the end."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class NoParametersError(ValueError):
    pass


def _working_dtype(p: Tensor) -> torch.dtype:
    return p.dtype if p.device.type == "mps" else torch.float64


class Adam:
    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self.theta = tuple(params)
        if len(self.theta) == 0:
            raise NoParametersError("Adam needs at least one parameter")
        for name, number in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if not number >= 0:  # NaN too
                raise ValueError(f"{name} is {number}, below 0")
        self.beta1, self.beta2 = betas
        if not (0 <= self.beta1 < 1 and 0 <= self.beta2 < 1):
            raise ValueError(f"betas are {betas}, not in [0, 1)")
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.m = [torch.zeros(p.shape, dtype=_working_dtype(p), device=p.device) for p in self.theta]
        self.v = [m.clone() for m in self.m]
        self.t = [0] * len(self.theta)

    def step(self) -> None:
        for i, p in enumerate(self.theta):
            if p.grad is not None:
                self.t[i] += 1
                with torch.no_grad():
                    p.copy_(self._moved(i, p))

    def _moved(self, i: int, p: Tensor) -> Tensor:
        t = self.t[i]
        theta = p.detach().to(self.m[i].dtype)
        g = p.grad.detach().to(theta.dtype) + self.weight_decay * theta
        self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
        self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g**2
        m_hat = self.m[i] / (1 - self.beta1**t)
        v_hat = self.v[i] / (1 - self.beta2**t)
        return theta - self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)

    def zero_grad(self) -> None:
        for p in self.theta:
            p.grad = torch.zeros_like(p)
