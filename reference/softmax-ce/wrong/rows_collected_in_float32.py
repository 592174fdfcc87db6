"""Softmax comes back in float32, whatever came in.

caught-by: test_float64_stays_float64
explained-by: softmax-tensors
"""

import torch


def softmax(logits):
    flat = logits.reshape(-1, logits.shape[-1])
    rows = torch.zeros(flat.shape, device=logits.device)
    for i, row in enumerate(flat):
        e = torch.exp(row - row.max())
        rows[i] = e / e.sum()
    return rows.reshape(logits.shape)


def cross_entropy(logits, targets):
    n, c = logits.shape
    total = logits.new_zeros(())
    for row, t in zip(logits, targets.tolist()):
        if not 0 <= t < c:
            raise IndexError(f"class {t} of {c}")
        total = total + torch.logsumexp(row, dim=0) - row[t]
    return total / n


def cross_entropy_grad(logits, targets):
    n, c = logits.shape
    grad = torch.empty_like(logits)
    for i, t in enumerate(targets.tolist()):
        if not 0 <= t < c:
            raise IndexError(f"class {t} of {c}")
        grad[i] = softmax(logits[i])
        grad[i, t] -= 1
    return grad / n


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    pre = torch.stack([x @ W1 + b1 for x in X])
    act = pre * (pre > 0)
    out = torch.stack([a @ W2 + b2 for a in act])
    upstream = cross_entropy_grad(out, y)

    grads = {
        "W1": torch.zeros_like(W1),
        "b1": torch.zeros_like(b1),
        "W2": torch.zeros_like(W2),
        "b2": torch.zeros_like(b2),
    }
    for x, p, a, g in zip(X, pre, act, upstream):
        grads["W2"] += torch.outer(a, g)
        grads["b2"] += g
        back = W2 @ g
        back[p <= 0] = 0
        grads["W1"] += torch.outer(x, back)
        grads["b1"] += back
    return cross_entropy(out, y), grads
