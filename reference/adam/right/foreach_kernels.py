"""All parameters at once, through the _foreach_ functions; gradients cleared to zeros."""

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = [*params]
        if not self.params or lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError("bad setting, or no parameters")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"bad betas {betas}")
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        params = [p for p in self.params if p.grad is not None]
        if not params:
            return
        beta1, beta2 = self.betas
        grads = [p.grad for p in params]
        if self.weight_decay:
            grads = torch._foreach_add(grads, params, alpha=self.weight_decay)
        for p in params:
            t, m, v = self.state.get(p) or (0, torch.zeros_like(p), torch.zeros_like(p))
            self.state[p] = t + 1, m, v
        counts, means, squares = zip(*(self.state[p] for p in params), strict=True)
        torch._foreach_lerp_(means, grads, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, grads, grads, 1 - beta2)
        denominators = torch._foreach_sqrt(squares)
        torch._foreach_div_(denominators, [(1 - beta2**t) ** 0.5 for t in counts])
        torch._foreach_add_(denominators, self.eps)
        sizes = [-self.lr / (1 - beta1**t) for t in counts]
        torch._foreach_addcdiv_(params, means, denominators, sizes)

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.detach_()
                p.grad.zero_()
