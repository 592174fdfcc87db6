"""All through log-probabilities; the loss comes back as a NumPy scalar."""

import numpy as np


def log_probabilities(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def rows_and_targets(logits, targets):
    n, c = logits.shape
    if np.any(targets >= c) or np.any(targets < 0):
        raise ValueError("target outside [0, C)")
    return np.arange(n), targets


def softmax(logits):
    z = logits - logits.max(axis=-1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=-1, keepdims=True)
    return z


def cross_entropy(logits, targets):
    where = rows_and_targets(logits, targets)
    return -log_probabilities(logits)[where].mean()


def cross_entropy_grad(logits, targets):
    where = rows_and_targets(logits, targets)
    grad = np.exp(log_probabilities(logits))
    grad[where] -= 1
    grad /= len(logits)
    return grad


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    hidden = np.maximum(X @ W1 + b1, 0)
    logits = hidden @ W2 + b2
    delta2 = cross_entropy_grad(logits, y)
    delta1 = delta2 @ W2.T
    delta1[hidden == 0] = 0
    return cross_entropy(logits, y), {
        "W1": X.T @ delta1,
        "b1": delta1.sum(axis=0),
        "W2": hidden.T @ delta2,
        "b2": delta2.sum(axis=0),
    }
