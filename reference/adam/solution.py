"""Adam, step by step as in algorithm 1 of Kingma and Ba (2015)."""

import torch


class Adam:
    """Moves each weight by its average gradient, divided by its typical gradient size."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        """params: iterable of tensors of any shapes; ValueError for settings out of range."""
        # model.parameters() is a generator: it can be walked only once, and each step walks it
        self.params = list(params)
        if not self.params:
            raise ValueError("Adam needs at least one parameter")
        for name, value in [("lr", lr), ("eps", eps), ("weight_decay", weight_decay)]:
            if value < 0:
                raise ValueError(f"{name} must be at least 0, got {value}")
        for beta in betas:
            # at 1 an average never takes in a gradient, and its correction divides by zero
            if not 0 <= beta < 1:
                raise ValueError(f"a beta must be in [0, 1), got {beta}")
        self.lr = lr
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay
        # zeros_like: each average has the shape, the dtype and the device of its parameter
        self.m = [torch.zeros_like(param) for param in self.params]
        self.v = [torch.zeros_like(param) for param in self.params]
        # a count for each parameter: the correction asks how often *these* averages were fed
        self.t = [0] * len(self.params)

    @torch.no_grad()  # the update is no part of the model, so autograd must not record it
    def step(self):
        """One update of every parameter that has a gradient."""
        for i, param in enumerate(self.params):
            # None says "took no part in the loss"; zeros would say "took part, and is flat"
            if param.grad is None:
                continue
            # a new tensor: += would change the caller's gradient
            grad = param.grad + self.weight_decay * param
            self.t[i] += 1

            # the two moving averages: of the gradient, and of its square
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * grad
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * grad.square()

            # both started at zero, so they are still too small by exactly these factors;
            # the corrected values are for this step only, the averages go on uncorrected
            m_hat = self.m[i] / (1 - self.beta1 ** self.t[i])
            v_hat = self.v[i] / (1 - self.beta2 ** self.t[i])

            # eps is added to the root: under it, it would act as sqrt(eps), 1e-4 instead of 1e-8
            # in place: `param = param - ...` would only rename a local variable
            param -= self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def zero_grad(self):
        """Forget the gradients: backward() adds to what is there."""
        for param in self.params:
            param.grad = None
