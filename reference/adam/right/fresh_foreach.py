"""Many tensors at a time with the _foreach functions; the powers of β are kept, not computed."""

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        params = [*params]
        ok = params and min(lr, eps, weight_decay) >= 0 and all(0.0 <= b < 1.0 for b in betas)
        if not ok:
            raise ValueError("bad hyperparameter, or no parameters")
        self.lr, (self.b1, self.b2), self.eps, self.wd = lr, betas, eps, weight_decay
        self.params = params
        with torch.no_grad():
            self.m = [torch.zeros_like(p) for p in params]
            self.v = [torch.zeros_like(p) for p in params]
        self.b1_power = [1.0] * len(params)
        self.b2_power = [1.0] * len(params)

    @torch.no_grad()
    def step(self):
        live = [i for i, p in enumerate(self.params) if p.grad is not None]
        if not live:
            return
        for i in live:
            self.b1_power[i] *= self.b1
            self.b2_power[i] *= self.b2
        theta = [self.params[i] for i in live]
        m = [self.m[i] for i in live]
        v = [self.v[i] for i in live]
        g = torch._foreach_add([p.grad for p in theta], theta, alpha=self.wd)
        torch._foreach_lerp_(m, g, 1 - self.b1)
        torch._foreach_mul_(v, self.b2)
        torch._foreach_addcmul_(v, g, g, 1 - self.b2)
        size = torch._foreach_div(m, [1 - self.b1_power[i] for i in live])
        below = torch._foreach_div(v, [1 - self.b2_power[i] for i in live])
        torch._foreach_sqrt_(below)
        torch._foreach_add_(below, self.eps)
        torch._foreach_addcdiv_(theta, size, below, -self.lr)

    @torch.no_grad()
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()
