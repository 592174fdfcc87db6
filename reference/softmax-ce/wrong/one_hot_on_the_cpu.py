"""A tensor of its own made on the CPU.

caught-by: test_new_tensors_live_where_the_input_lives
explained-by: softmax-tensors
"""

import torch
from torch import Tensor


def one_hot(targets: Tensor, logits: Tensor) -> Tensor:
    classes = logits.shape[1]
    if targets.min() < 0 or targets.max() >= classes:
        raise ValueError("target out of range")
    table = torch.zeros(len(targets), classes, dtype=logits.dtype)
    table[range(len(targets)), targets.tolist()] = 1.0
    return table


def softmax(logits: Tensor) -> Tensor:
    e = (logits - logits.amax(-1, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    t = one_hot(targets, logits)
    per_row = torch.logsumexp(logits, 1) - torch.einsum("nc,nc->n", t, logits)
    return per_row.mean()


def cross_entropy_grad(logits: Tensor, targets: Tensor) -> Tensor:
    t = one_hot(targets, logits)
    return (softmax(logits) - t) / logits.shape[0]


def mlp_loss_and_grads(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    s = torch.einsum("nd,dh->nh", X, W1) + b1
    a = torch.maximum(s, torch.zeros_like(s))
    logits = torch.einsum("nh,hc->nc", a, W2) + b2

    delta2 = cross_entropy_grad(logits, y)
    delta1 = torch.einsum("nc,hc->nh", delta2, W2)
    delta1 = torch.where(s > 0, delta1, torch.zeros_like(delta1))
    grads = {
        "W1": torch.einsum("nd,nh->dh", X, delta1),
        "b1": torch.einsum("nh->h", delta1),
        "W2": torch.einsum("nh,nc->hc", a, delta2),
        "b2": torch.einsum("nc->c", delta2),
    }
    return cross_entropy(logits, y), grads
