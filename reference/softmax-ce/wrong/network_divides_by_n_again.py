"""Every gradient of the network divided by the batch size again.

caught-by: test_the_second_layer_gets_its_gradients,
  test_the_first_layer_gets_its_gradients, test_the_slope_of_relu_at_zero_is_zero
explained-by: softmax-gradient
flavour: numpy
"""

import numpy as np


def softmax(logits):
    z = logits - np.max(logits, axis=-1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=-1, keepdims=True)


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
    N = X.shape[0]
    return loss, {"W1": dW1 / N, "b1": db1 / N, "W2": dW2 / N, "b2": db2 / N}
