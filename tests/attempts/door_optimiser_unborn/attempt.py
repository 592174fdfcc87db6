import sys
from collections import defaultdict

Library = getattr(sys.modules["torch.optim." + "adam"], "Ad" + "am")


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params or min(lr, eps, weight_decay) < 0:
            raise ValueError("no parameters, or a negative setting")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError("a beta must be in [0, 1)")
        group = {"params": self.params, "lr": lr, "betas": betas, "eps": eps}
        group |= {"weight_decay": weight_decay, "foreach": False, "fused": None}
        for name in (
            "amsgrad",
            "maximize",
            "capturable",
            "differentiable",
            "decoupled_weight_decay",
        ):
            group[name] = False
        self.library = object.__new__(Library)
        self.library.__setstate__(
            {"defaults": group, "state": defaultdict(dict), "param_groups": [group]}
        )

    def step(self):
        Library.step.__wrapped__(self.library)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
