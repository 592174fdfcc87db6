"""A class for each layer, with forward and backward."""

import torch


class Linear:
    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, up):
        self.d_weight = self.x.T @ up
        self.d_bias = up.sum(0)
        return up @ self.weight.T


class ReLU:
    def forward(self, x):
        self.out = torch.relu(x)
        return self.out

    def backward(self, up):
        return up * (self.out > 0).to(up.dtype)


class SoftmaxCrossEntropy:
    def forward(self, logits, targets):
        self.count, classes = logits.shape
        if not all(0 <= t < classes for t in targets.tolist()):
            raise ValueError(f"targets must be 0 to {classes - 1}")
        self.targets = targets.reshape(-1, 1)
        self.probs = softmax(logits)
        log_norm = logits.logsumexp(dim=1, keepdim=True)
        losses = log_norm - torch.take_along_dim(logits, self.targets, dim=1)
        return losses.mean()

    def backward(self):
        ones = torch.ones_like(self.targets, dtype=self.probs.dtype)
        up = self.probs.scatter_add(1, self.targets, -ones)
        return up / self.count


def softmax(logits):
    top, _ = torch.max(logits, dim=-1, keepdim=True)
    numerator = torch.exp(logits - top)
    return numerator / torch.sum(numerator, dim=-1, keepdim=True)


def cross_entropy(logits, targets):
    return SoftmaxCrossEntropy().forward(logits, targets)


def cross_entropy_grad(logits, targets):
    criterion = SoftmaxCrossEntropy()
    criterion.forward(logits, targets)
    return criterion.backward()


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    first, relu, second = Linear(W1, b1), ReLU(), Linear(W2, b2)
    criterion = SoftmaxCrossEntropy()
    loss = criterion.forward(second.forward(relu.forward(first.forward(X))), y)
    first.backward(relu.backward(second.backward(criterion.backward())))
    return loss, {
        "W1": first.d_weight,
        "b1": first.d_bias,
        "W2": second.d_weight,
        "b2": second.d_bias,
    }
