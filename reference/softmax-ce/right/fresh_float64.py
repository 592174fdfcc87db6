"""Everything in double precision, written out as log-probabilities and a one-hot matrix."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


class TargetError(ValueError):
    """A target that names no class."""


def _wide(t: Tensor) -> Tensor:
    return t.float() if t.device.type == "mps" else t.double()


def _log_probs(logits: Tensor) -> Tensor:
    z = _wide(logits.detach())
    z = z - torch.max(z, dim=-1, keepdim=True).values
    return z - torch.log(torch.sum(torch.exp(z), dim=-1, keepdim=True))


def _one_hot(targets: Tensor, classes: int) -> Tensor:
    if bool(((targets < 0) | (targets >= classes)).any()):
        raise TargetError(f"targets outside [0, {classes}): {targets.tolist()}")
    return F.one_hot(targets, num_classes=classes)


def softmax(logits: Tensor) -> Tensor:
    return _log_probs(logits).exp().to(logits.dtype)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    hot = _one_hot(targets, logits.size(-1)).bool()
    nats = -_log_probs(logits)[hot]
    return nats.mean().to(logits.dtype)


def cross_entropy_grad(logits: Tensor, targets: Tensor) -> Tensor:
    hot = _one_hot(targets, logits.size(-1))
    return ((_log_probs(logits).exp() - hot) / targets.numel()).to(logits.dtype)


def mlp_loss_and_grads(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    x, w1, c1, w2, c2 = (_wide(t.detach()) for t in (X, W1, b1, W2, b2))
    a = torch.einsum("nd,dh->nh", x, w1) + c1
    h = torch.where(a > 0, a, torch.zeros_like(a))
    z = torch.einsum("nh,hc->nc", h, w2) + c2
    loss = cross_entropy(z, y)
    g = cross_entropy_grad(z, y)
    ga = torch.einsum("nc,hc->nh", g, w2).masked_fill(a <= 0, 0.0)
    raw = {
        "b2": g.sum(dim=0),
        "W2": torch.einsum("nh,nc->hc", h, g),
        "b1": ga.sum(dim=0),
        "W1": torch.einsum("nd,nh->dh", x, ga),
    }
    like = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return loss.to(W2.dtype), {k: raw[k].to(like[k].dtype) for k in like}
