"""Only the first moment corrected.

caught-by: test_the_first_step_is_as_long_as_the_learning_rate, test_the_averages_are_carried_from_step_to_step
explained-by: adam-bias
"""
import torch


class Adam:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon: {eps}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight decay: {weight_decay}")
        for i in range(2):
            if not 0.0 <= betas[i] < 1.0:
                raise ValueError(f"Invalid beta {i}: {betas[i]}")
        self.settings = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
        self.parameters = list(params)
        if not self.parameters:
            raise ValueError("Empty parameter list")
        self.state = {p: {} for p in self.parameters}

    def step(self):
        lr, eps, decay = (self.settings[k] for k in ("lr", "eps", "weight_decay"))
        beta1, beta2 = self.settings["betas"]
        for p, state in self.state.items():
            if p.grad is None:
                continue
            grad = p.grad.data + decay * p.data
            if not state:
                state["step"] = 0
                state["exp_avg"] = torch.zeros_like(grad)
                state["exp_avg_sq"] = torch.zeros_like(grad)
            state["step"] += 1
            state["exp_avg"] = beta1 * state["exp_avg"] + (1 - beta1) * grad
            state["exp_avg_sq"] = beta2 * state["exp_avg_sq"] + (1 - beta2) * grad**2
            step_size = lr / (1 - beta1 ** state["step"])
            p.data -= step_size * state["exp_avg"] / (state["exp_avg_sq"].sqrt() + eps)

    def zero_grad(self):
        for p in self.parameters:
            if p.grad is not None:
                p.grad.detach_()
                p.grad.zero_()
