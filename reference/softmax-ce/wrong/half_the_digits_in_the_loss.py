"""The loss of float64 is right to half of its digits only.

caught-by: test_float64_stays_float64
explained-by: softmax-tensors
flavour: numpy
"""

import numpy as np


def _check(targets, C):
    if ((targets < 0) | (targets >= C)).any():
        raise ValueError(f"targets must be in [0, {C})")


def softmax(logits):
    z = logits - logits.max(axis=-1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(logits, targets):
    N, C = logits.shape
    _check(targets, C)
    z = logits - logits.max(axis=-1, keepdims=True)
    lse = np.log(np.exp(z).sum(axis=-1))
    picked = z[np.arange(N), targets]
    return np.float32((lse - picked).mean())


def cross_entropy_grad(logits, targets):
    N, C = logits.shape
    _check(targets, C)
    g = softmax(logits)
    g[np.arange(N), targets] -= 1
    return g / N


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    a = X @ W1 + b1
    h = np.maximum(a, 0)
    logits = h @ W2 + b2
    loss = cross_entropy(logits, y)
    d = cross_entropy_grad(logits, y)
    dW2 = h.T @ d
    db2 = d.sum(axis=0)
    da = d @ W2.T
    da = da * (a > 0)
    dW1 = X.T @ da
    db1 = da.sum(axis=0)
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
