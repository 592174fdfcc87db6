"""The gradient collected in torch.zeros(N, C).

caught-by: test_float64_stays_float64, test_new_tensors_live_where_the_input_lives
explained-by: softmax-tensors
"""

import torch


def softmax(logits):
    e = torch.exp(logits - torch.amax(logits, dim=-1, keepdim=True))
    return e / e.sum(dim=-1, keepdim=True)


def _validate(targets, C):
    if bool((targets < 0).any()) or bool((targets >= C).any()):
        raise IndexError("target out of range")


def cross_entropy(logits, targets):
    _validate(targets, logits.size(1))
    chosen = logits.gather(1, targets.unsqueeze(1)).squeeze(1)
    return (torch.logsumexp(logits, dim=1) - chosen).mean()


def cross_entropy_grad(logits, targets):
    _validate(targets, logits.size(1))
    N, C = logits.shape
    probs = softmax(logits)
    grad = torch.zeros(N, C)
    for n in range(N):
        grad[n] = probs[n]
        grad[n, targets[n]] -= 1
    return grad / N


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    a1 = torch.relu(z1)
    z2 = a1 @ W2 + b2
    dz2 = cross_entropy_grad(z2, y)
    dz1 = (dz2 @ W2.T) * (z1 > 0)
    grads = {"W1": X.T @ dz1, "b1": dz1.sum(0), "W2": a1.T @ dz2, "b2": dz2.sum(0)}
    return cross_entropy(z2, y), grads
