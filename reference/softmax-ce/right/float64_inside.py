"""Everything in float64 inside, entry by entry."""

import torch


def softmax(logits):
    z = logits.double()
    z = z - z.max(-1, True)[0]
    return (z.exp() / z.exp().sum(-1, True)).to(logits.dtype)


def check(targets, classes):
    if torch.any(targets.lt(0) | targets.ge(classes)):
        raise IndexError


def cross_entropy(logits, targets):
    N, C = logits.shape
    check(targets, C)
    z = logits.double()
    loss = 0.0
    for n in range(N):
        m = max(z[n].tolist())
        loss += m + torch.log(torch.exp(z[n] - m).sum()).item() - z[n, targets[n]].item()
    return torch.tensor(loss / N, dtype=logits.dtype, device=logits.device)


def cross_entropy_grad(logits, targets):
    N, C = logits.shape
    check(targets, C)
    g = softmax(logits.double())
    for n in range(N):
        for c in range(C):
            if targets[n] == c:
                g[n, c] -= 1
    return (g / N).to(logits.dtype)


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    dtype = X.dtype
    X, W1, b1, W2, b2 = (t.double() for t in (X, W1, b1, W2, b2))
    a = X @ W1 + b1
    h = torch.where(a > 0, a, torch.zeros_like(a))
    z = h @ W2 + b2
    gz = cross_entropy_grad(z, y)
    ga = torch.zeros_like(a)
    for n in range(len(X)):
        for j in range(len(b1)):
            if a[n, j] > 0:
                ga[n, j] = (gz[n] * W2[j]).sum()
    grads = {"b2": gz.sum(0), "W2": h.T @ gz, "b1": ga.sum(0), "W1": X.T @ ga}
    return cross_entropy(z, y).to(dtype), {name: g.to(dtype) for name, g in grads.items()}
