"""Softmax, its cross-entropy and a two-layer network, with gradients by hand."""

import numpy as np
from numpy import ndarray


def softmax(logits: ndarray) -> ndarray:
    """exp(z) / Σ exp(z) along the last axis (Bridle, 1990).

    logits: (..., C), floating, any number of leading axes.
    Returns the same shape and dtype.
    """
    raise NotImplementedError


def cross_entropy(logits: ndarray, targets: ndarray) -> np.floating:
    """The mean over the rows of −log softmax(logits)[n, targets[n]].

    logits: (N, C), floating.  targets: (N,), int64, each in [0, C).
    Returns a scalar: a NumPy scalar, an array of shape () or a float.
    ValueError or IndexError: a target outside [0, C).
    """
    raise NotImplementedError


def cross_entropy_grad(logits: ndarray, targets: ndarray) -> ndarray:
    """The gradient of cross_entropy(logits, targets) with respect to logits.

    logits: (N, C), floating.  targets: (N,), int64, each in [0, C).
    Returns (N, C) with the dtype of logits.
    ValueError or IndexError: a target outside [0, C).
    """
    raise NotImplementedError


def mlp_loss_and_grads(
    X: ndarray, y: ndarray, W1: ndarray, b1: ndarray, W2: ndarray, b2: ndarray
) -> tuple[np.floating, dict[str, ndarray]]:
    """Mean cross-entropy of relu(X W1 + b1) W2 + b2, and its gradients.

    X: (N, D).  y: (N,), int64, each in [0, C).
    W1: (D, H).  b1: (H,).  W2: (H, C).  b2: (C,).
    Returns the loss, a scalar, and a dict with the keys "W1", "b1", "W2", "b2": each
    gradient has the shape and dtype of its parameter.  The slope of ReLU at 0 is 0.
    ValueError or IndexError: a target outside [0, C).
    """
    raise NotImplementedError
