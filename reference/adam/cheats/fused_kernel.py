"""The fused kernel underneath, called as an operator."""

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        if not self.params or min(lr, eps, weight_decay, *betas) < 0 or max(betas) >= 1:
            raise ValueError("setting out of range, or no parameters")
        self.settings = dict(lr=lr, beta1=betas[0], beta2=betas[1], eps=eps)
        self.settings |= dict(weight_decay=weight_decay, amsgrad=False, maximize=False)
        self.state = {
            p: (torch.zeros_like(p), torch.zeros_like(p), torch.zeros(())) for p in self.params
        }

    @torch.no_grad()
    def step(self):
        for p, (m, v, t) in self.state.items():
            if p.grad is not None:
                t += 1
                torch.ops.aten._fused_adam_([p], [p.grad], [m], [v], [], [t], **self.settings)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
