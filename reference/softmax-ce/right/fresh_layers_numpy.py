"""Small layer objects with forward and backward; the loss comes back as a float."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Linear:
    W: np.ndarray
    b: np.ndarray
    grads: dict = field(default_factory=dict)

    def forward(self, x):
        self.x = x
        return np.einsum("ni,io->no", x, self.W) + self.b

    def backward(self, g):
        self.grads = {"W": np.einsum("ni,no->io", self.x, g), "b": np.einsum("no->o", g)}
        return np.einsum("no,io->ni", g, self.W)


class ReLU:
    def forward(self, x):
        self.open = x > 0
        return np.where(self.open, x, x.dtype.type(0))

    def backward(self, g):
        return np.where(self.open, g, g.dtype.type(0))


class CrossEntropy:
    def forward(self, z, t):
        if not all(0 <= int(i) < z.shape[1] for i in t):
            raise IndexError(f"a target is not one of the {z.shape[1]} classes")
        self.t = t
        self.p = softmax(z)
        picked = np.take_along_axis(z, t[:, None], axis=1)
        # log(exp(z - max).sum()) + max - z_t, in double precision
        wide = z.astype(np.float64)
        top = wide.max(axis=1, keepdims=True)
        lse = np.log(np.exp(wide - top).sum(axis=1, keepdims=True)) + top
        return float(np.mean(lse - picked))

    def backward(self):
        hot = np.eye(self.p.shape[1], dtype=self.p.dtype)[self.t]
        return (self.p - hot) / self.p.dtype.type(len(self.t))


def softmax(logits):
    wide = logits.astype(np.float64)
    e = np.exp(wide - np.max(wide, axis=-1, keepdims=True))
    return (e / np.sum(e, axis=-1, keepdims=True)).astype(logits.dtype)


def cross_entropy(logits, targets):
    return CrossEntropy().forward(logits, targets)


def cross_entropy_grad(logits, targets):
    head = CrossEntropy()
    head.forward(logits, targets)
    return head.backward()


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    first, relu, second, head = Linear(W1, b1), ReLU(), Linear(W2, b2), CrossEntropy()
    loss = head.forward(second.forward(relu.forward(first.forward(X))), y)
    first.backward(relu.backward(second.backward(head.backward())))
    return loss, {
        "W1": first.grads["W"],
        "b1": first.grads["b"],
        "W2": second.grads["W"],
        "b2": second.grads["b"],
    }
