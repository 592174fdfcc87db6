"""Softmax fails with more than two dimensions.

caught-by: test_softmax_runs_along_the_last_dimension
explained-by: softmax-axes
flavour: numpy
"""

import numpy as np


def softmax(logits):
    N, C = logits.shape
    z = logits - logits.max(axis=1).reshape(N, 1)
    e = np.exp(z)
    return e / e.sum(axis=1).reshape(N, 1)


def _in_range(targets, num_classes):
    if np.any(targets < 0) or np.any(targets >= num_classes):
        raise ValueError("bad target")


def cross_entropy(logits, targets):
    _in_range(targets, logits.shape[1])
    z = logits - np.max(logits, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(logits.shape[0]), targets])


def cross_entropy_grad(logits, targets):
    _in_range(targets, logits.shape[1])
    N = logits.shape[0]
    dlogits = softmax(logits)
    dlogits[np.arange(N), targets] -= 1
    dlogits /= N
    return dlogits


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    z1 = X.dot(W1) + b1
    a1 = np.maximum(0, z1)
    scores = a1.dot(W2) + b2
    loss = cross_entropy(scores, y)

    dscores = cross_entropy_grad(scores, y)
    dW2 = a1.T.dot(dscores)
    db2 = np.sum(dscores, axis=0)
    da1 = dscores.dot(W2.T)
    da1[z1 <= 0] = 0
    dW1 = X.T.dot(da1)
    db1 = np.sum(da1, axis=0)
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
