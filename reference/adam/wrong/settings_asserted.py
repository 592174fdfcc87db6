"""Settings checked by assert.

caught-by: test_a_negative_setting_is_refused, test_a_beta_outside_its_range_is_refused, test_no_parameters_is_refused
explained-by: adam-settings
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.params = list(params)
        assert len(self.params) > 0
        assert lr >= 0 and eps >= 0 and weight_decay >= 0
        assert all(0 <= beta < 1 for beta in betas)
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        self.state = {p: (torch.zeros_like(p), torch.zeros_like(p), 0) for p in self.params}

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            m, v, t = self.state[p]
            g = p.grad + self.weight_decay * p
            m = m + (1 - self.beta1) * (g - m)
            v = v + (1 - self.beta2) * (g * g - v)
            t = t + 1
            m_hat = m / (1 - self.beta1**t)
            v_hat = v / (1 - self.beta2**t)
            p.copy_(p - self.lr * m_hat / (v_hat.sqrt() + self.eps))
            self.state[p] = m, v, t

    def zero_grad(self):
        for p in self.params:
            p.grad = None
