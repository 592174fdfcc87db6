import doctest
import logging
import traceback
import warnings
from collections import namedtuple
from dataclasses import dataclass, make_dataclass
from typing import NamedTuple

import torch


Pair = namedtuple("Pair", "m v")
Point = make_dataclass("Point", ["x"])


@dataclass(frozen=True)
class Setting:
    """
    >>> Setting(2.0)
    Setting(lr=2.0)
    """

    lr: float


class Averages(NamedTuple):
    m: list
    v: list


def look_around():
    logging.basicConfig(format="%(funcName)s:%(lineno)d %(message)s", level="INFO")
    try:
        raise ValueError("on purpose")
    except ValueError as problem:
        logging.exception("caught")
        print(traceback.format_exc(), traceback.format_exception(problem))
        print(traceback.extract_tb(problem.__traceback__), traceback.format_stack()[-1])
    warnings.warn("a warning", stacklevel=1)
    doctest.run_docstring_examples(Setting, globals(), name="Setting", verbose=True)


look_around()


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params or min(lr, eps, weight_decay) < 0:
            raise ValueError("no parameters, or a negative setting")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("a beta must be in [0, 1)")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0] * len(self.params)

    @torch.no_grad()
    def step(self):
        print("a step")
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            grad = p.grad + self.weight_decay * p
            self.t[i] += 1
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * grad
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * grad.square()
            m_hat = self.m[i] / (1 - beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - beta2 ** self.t[i])
            p -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
