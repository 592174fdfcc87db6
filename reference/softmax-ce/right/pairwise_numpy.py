"""exp of a large gap is infinite, and one over infinity is the probability 0 that it should be."""

import numpy as np


def softmax(logits):
    return np.stack(
        [1 / np.exp(logits - logits[..., [c]]).sum(-1) for c in range(logits.shape[-1])], -1
    ).astype(logits.dtype)


def check(logits, targets):
    if (targets < 0).any() or (targets >= logits.shape[1]).any():
        raise ValueError("target")


def cross_entropy(logits, targets):
    check(logits, targets)
    ordered = np.sort(logits, axis=1)
    top = ordered[:, -1]
    rest = np.exp(ordered[:, :-1] - top[:, None]).sum(1)
    return (top - logits[range(len(targets)), targets] + np.log1p(rest)).mean()


def cross_entropy_grad(logits, targets):
    check(logits, targets)
    g = softmax(logits)
    g[range(len(targets)), targets] -= 1
    return g / len(targets)


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    pre = X @ W1 + b1
    hid = (pre + np.abs(pre)) / 2
    z = hid @ W2 + b2
    d = cross_entropy_grad(z, y)
    e = (d @ W2.T) * np.heaviside(pre, 0)
    return cross_entropy(z, y), {"W1": X.T @ e, "b1": e.sum(0), "W2": hid.T @ d, "b2": d.sum(0)}
