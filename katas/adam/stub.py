"""Adam, after Kingma and Ba (2015), algorithm 1."""

import torch


class Adam:
    """Adaptive moment estimation, with L2 weight decay added to the gradient.

    Source: Kingma and Ba (2015), "Adam: a method for stochastic optimization".
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        """Take charge of the parameters; nothing is updated yet.

        params: iterable of tensors, float32 or float64, of any shapes; it may
            be a generator. They belong to the caller's model.
        lr: learning rate, at least 0.
        betas: decay rates of the two moving averages, each in [0, 1).
        eps: added to the denominator, at least 0.
        weight_decay: factor of the L2 term, at least 0.

        Raises ValueError for a value outside these ranges, or no parameters.
        """
        raise NotImplementedError

    def step(self):
        """Update each parameter from its `.grad`; skip those whose `.grad` is None.

        Leaves the gradients as they are.
        """
        raise NotImplementedError

    def zero_grad(self):
        """Clear the gradients: each `.grad` becomes None or all zeros."""
        raise NotImplementedError
