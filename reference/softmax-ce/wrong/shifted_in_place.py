"""Softmax shifts the logits of its caller in place.

caught-by: test_softmax_is_exp_over_the_sum_of_its_row,
  test_softmax_runs_along_the_last_dimension, test_softmax_of_rows_far_apart,
  test_the_gradient_is_that_of_the_mean_loss
explained-by: softmax-tensors
"""

import torch


def softmax(logits):
    logits -= torch.amax(logits, dim=-1, keepdim=True)
    e = torch.exp(logits)
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
    one_hot = torch.nn.functional.one_hot(targets, logits.size(1)).to(logits.dtype)
    return (softmax(logits) - one_hot) / logits.size(0)


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    z1 = X @ W1 + b1
    a1 = torch.relu(z1)
    z2 = a1 @ W2 + b2
    dz2 = cross_entropy_grad(z2, y)
    dz1 = (dz2 @ W2.T) * (z1 > 0)
    grads = {"W1": X.T @ dz1, "b1": dz1.sum(0), "W2": a1.T @ dz2, "b2": dz2.sum(0)}
    return cross_entropy(z2, y), grads
