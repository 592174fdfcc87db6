"""logsumexp, vmap, heaviside, under no_grad."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def softmax(logits):
    return torch.exp(logits - torch.logsumexp(logits, dim=-1, keepdim=True))


def refuse(targets, classes):
    for target in targets:
        if int(target) < 0 or int(target) >= classes:
            raise ValueError(int(target))


def one_row(z, t):
    return torch.logsumexp(z, 0) - (F.one_hot(t, z.shape[0]).to(z.dtype) * z).sum()


def cross_entropy(logits, targets):
    refuse(targets, logits.shape[-1])
    with torch.no_grad():
        return torch.vmap(one_row)(logits, targets).sum() / len(targets)


@torch.inference_mode()
def cross_entropy_grad(logits, targets):
    refuse(targets, logits.shape[-1])
    eye = torch.eye(logits.shape[1], device=logits.device, dtype=logits.dtype)
    return (softmax(logits) - eye[targets]).div_(len(targets))


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    a = F.linear(X, W1.mT, b1)
    h = F.relu(a)
    z = torch.addmm(b2, h, W2)
    dz = cross_entropy_grad(z, y)
    da = (dz @ W2.T).mul(torch.heaviside(a, a.new_zeros(())))
    ones = torch.ones_like(y, dtype=X.dtype)
    return [cross_entropy(z, y), dict(W1=X.T @ da, b1=ones @ da, W2=h.T @ dz, b2=dz.sum(0))]
