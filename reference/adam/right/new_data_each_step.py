"""Nothing in place: new `.data` each step, the state in tuples, counts as tensors."""

import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        params = list(params)
        for value, below in [(lr, None), (eps, None), (weight_decay, None), *((b, 1) for b in betas)]:
            if value < 0 or (below is not None and value >= below):
                raise ValueError(f"{value} is out of range")
        if len(params) == 0:
            raise ValueError("no parameters")
        self.param_groups = [{"params": params, "lr": lr, "betas": betas, "eps": eps}]
        self.param_groups[0]["weight_decay"] = weight_decay
        self.state = {}

    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, group)

    def _update(self, p, group):
        beta1, beta2 = group["betas"]
        g = p.grad.data + group["weight_decay"] * p.data
        t, m, v = self.state.get(p, (torch.tensor(0), 0.0, 0.0))
        t, m, v = t + 1, m + (1 - beta1) * (g - m), v + (1 - beta2) * (g * g - v)
        self.state[p] = t, m, v
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        p.data = p.data - group["lr"] * m_hat / (v_hat.sqrt() + group["eps"])

    def zero_grad(self, set_to_none=True):
        for p in self.param_groups[0]["params"]:
            p.grad = None
