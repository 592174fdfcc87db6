"""Softmax, its cross-entropy and a two-layer network, with gradients by hand."""

import torch
from torch import Tensor


def softmax(logits: Tensor) -> Tensor:
    """exp(z) / sum(exp(z)) along the last dimension.  (..., C) -> (..., C)"""
    weights = _shifted(logits).exp()  # at least one in each row is exp(0) = 1
    return weights / weights.sum(dim=-1, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean over the rows of -log softmax(logits)[n, targets[n]].  (N, C), (N,) -> ()"""
    _refuse_bad_targets(targets, classes=logits.shape[-1])
    # far from the winner softmax is exactly 0 and its log is -inf, so the logarithm is taken
    # on paper, before exp() can lose anything: -log p_y = log(sum(exp(z))) - z_y
    shifted = _shifted(logits)
    log_total = shifted.exp().sum(dim=-1).log()  # (N,)
    target_logit = shifted.gather(-1, targets.unsqueeze(-1)).squeeze(-1)  # (N,)
    return (log_total - target_logit).mean()


def cross_entropy_grad(logits: Tensor, targets: Tensor) -> Tensor:
    """Gradient of cross_entropy with respect to the logits.  (N, C), (N,) -> (N, C)"""
    _refuse_bad_targets(targets, classes=logits.shape[-1])
    # the slope of log(sum(exp(z))) is softmax(z), the slope of z_y is 1 in the column of y
    grad = softmax(logits)
    # index pairs (n, y_n): grad[:, targets] would take whole columns, from every row
    rows = torch.arange(len(targets), device=logits.device)
    grad[rows, targets] -= 1
    return grad / len(targets)  # the loss is a mean over N rows, each row has 1/N of it


def mlp_loss_and_grads(
    X: Tensor, y: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss and gradients of relu(X W1 + b1) W2 + b2.

    X (N, D), y (N,), W1 (D, H), b1 (H,), W2 (H, C), b2 (C,) -> (), gradients by name
    """
    # forwards, keeping what the way back needs
    before = X @ W1 + b1  # (N, H)
    hidden = before.clamp(min=0)  # (N, H)
    logits = hidden @ W2 + b2  # (N, C)
    loss = cross_entropy(logits, y)

    # backwards: the 1/N of the mean is in d_logits already, so from here on only sum
    d_logits = cross_entropy_grad(logits, y)  # (N, C)
    d_hidden = d_logits @ W2.T  # (N, H)
    # ReLU hands on what came in above 0; at 0 itself its slope is 0 by convention: > and not >=
    d_before = d_hidden * (before > 0)  # (N, H)
    return loss, {
        "W1": X.T @ d_before,  # (D, H)
        "b1": d_before.sum(dim=0),  # one bias serves all rows, so their gradients add up
        "W2": hidden.T @ d_logits,  # (H, C)
        "b2": d_logits.sum(dim=0),  # (C,)
    }


def _shifted(logits: Tensor) -> Tensor:
    """The logits with the largest of each row moved to 0.  (..., C) -> (..., C)"""
    # exp() overflows float32 just past 88, and softmax is the same for z and z - constant;
    # each row needs its own constant: by that of a far larger row, all would underflow to 0 / 0
    return logits - logits.amax(dim=-1, keepdim=True)


def _refuse_bad_targets(targets: Tensor, classes: int) -> None:
    # -1 would silently mean the last class, and on a GPU a large one would kill the whole process
    if ((targets < 0) | (targets >= classes)).any():
        raise IndexError(f"targets must lie in [0, {classes}), got {targets.tolist()}")
