"""Softmax, its cross-entropy and a two-layer network, with gradients by hand."""

import torch
from torch import Tensor


def softmax(logits: Tensor) -> Tensor:
    """exp(z) / Σ exp(z) along the last dimension (Bridle, 1990).

    logits: (..., C), floating, any number of leading dimensions.
    Returns the same shape, dtype and device.
    """
    raise NotImplementedError


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean over the rows of −log softmax(logits)[n, targets[n]].

    logits: (N, C), floating.  targets: (N,), int64, each in [0, C).
    Returns a tensor of shape () with the dtype and device of logits.
    ValueError or IndexError: a target outside [0, C).
    """
    raise NotImplementedError


def cross_entropy_grad(logits: Tensor, targets: Tensor) -> Tensor:
    """The gradient of cross_entropy(logits, targets) with respect to logits.

    logits: (N, C), floating.  targets: (N,), int64, each in [0, C).
    Returns (N, C) with the dtype and device of logits.
    ValueError or IndexError: a target outside [0, C).
    """
    raise NotImplementedError


def mlp_loss_and_grads(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Mean cross-entropy of relu(X W1 + b1) W2 + b2, and its gradients.

    X: (N, D).  y: (N,), int64, each in [0, C).
    W1: (D, H).  b1: (H,).  W2: (H, C).  b2: (C,).
    Returns the loss, of shape (), and a dict with the keys "W1", "b1", "W2", "b2": each
    gradient has the shape, dtype and device of its parameter.  The slope of ReLU at 0 is 0.
    ValueError or IndexError: a target outside [0, C).
    """
    raise NotImplementedError
