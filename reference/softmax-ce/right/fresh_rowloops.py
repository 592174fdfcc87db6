"""One row at a time, as one would do it on paper."""

import torch


def _row_softmax(z):
    e = torch.exp(z - torch.max(z))
    return e / torch.sum(e)


def _row_loss(z, t):
    # log Σ exp(z_k − z_t), with the largest exponent taken out
    gap = z - z[t]
    top = torch.max(gap)
    return top + torch.log(torch.sum(torch.exp(gap - top)))


def _targets(logits, targets):
    classes = logits.shape[1]
    found = targets.tolist()
    for n, t in enumerate(found):
        if t < 0 or t >= classes:
            raise ValueError("row %d: target %d, but there are %d classes" % (n, t, classes))
    return found


def softmax(logits):
    rows = logits.reshape(-1, logits.shape[-1])
    out = torch.empty_like(rows)
    for n in range(rows.shape[0]):
        out[n] = _row_softmax(rows[n])
    return out.reshape(logits.shape)


@torch.no_grad()
def cross_entropy(logits, targets):
    total = torch.zeros((), dtype=logits.dtype, device=logits.device)
    ts = _targets(logits, targets)
    for z, t in zip(logits, ts):
        total += _row_loss(z, t)
    return total / len(ts)


@torch.no_grad()
def cross_entropy_grad(logits, targets):
    ts = _targets(logits, targets)
    rows = []
    for z, t in zip(logits, ts):
        p = _row_softmax(z)
        p[t] -= 1.0
        rows.append(p / len(ts))
    return torch.stack(rows)


@torch.no_grad()
def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    ts = _targets(torch.empty(len(X), W2.shape[1]), y)
    grads = dict(W1=torch.zeros_like(W1), b1=torch.zeros_like(b1),
                 W2=torch.zeros_like(W2), b2=torch.zeros_like(b2))
    loss = torch.zeros((), dtype=W2.dtype, device=W2.device)
    for x, t in zip(X, ts):
        a = x @ W1 + b1
        h = a.clamp(min=0)
        z = h @ W2 + b2
        loss += _row_loss(z, t)
        dz = _row_softmax(z)
        dz[t] -= 1.0
        da = (W2 @ dz) * (a > 0)
        grads["W2"] += torch.outer(h, dz)
        grads["b2"] += dz
        grads["W1"] += torch.outer(x, da)
        grads["b1"] += da
    n = len(ts)
    return loss / n, {name: g / n for name, g in grads.items()}
