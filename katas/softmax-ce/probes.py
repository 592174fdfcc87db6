"""How an attempt at softmax cross-entropy is driven."""

import numpy as np


def _scalar(loss, like):
    """In NumPy a scalar, an array of shape () and a float are all a scalar loss."""
    if isinstance(like, np.ndarray) and isinstance(loss, float | np.floating | np.ndarray):
        return np.asarray(loss, dtype=like.dtype) if np.ndim(loss) == 0 else loss
    return loss


def softmax(attempt, *, logits):
    """The probabilities of one array of logits."""
    return attempt.softmax(logits)


def cross_entropy(attempt, *, logits, targets):
    """The mean loss of one batch."""
    return _scalar(attempt.cross_entropy(logits, targets), logits)


def cross_entropy_grad(attempt, *, logits, targets):
    """The gradient of the mean loss of one batch."""
    return attempt.cross_entropy_grad(logits, targets)


def loss_and_gradient(attempt, *, logits, targets):
    """Both for one batch."""
    return {
        "loss": cross_entropy(attempt, logits=logits, targets=targets),
        "gradient": attempt.cross_entropy_grad(logits, targets),
    }


def of_logits(attempt, *, logits, targets):
    """All that takes logits."""
    return {
        "softmax": attempt.softmax(logits),
        **loss_and_gradient(attempt, logits=logits, targets=targets),
    }


def network(attempt, *, X, y, W1, b1, W2, b2):
    """The loss of the network and all that it returns as gradients."""
    loss, grads = attempt.mlp_loss_and_grads(X, y, W1, b1, W2, b2)
    return {"loss": _scalar(loss, X), "grads": dict(grads)}


def network_loss(attempt, *, X, y, W1, b1, W2, b2):
    """The loss of the network alone."""
    loss, _ = attempt.mlp_loss_and_grads(X, y, W1, b1, W2, b2)
    return _scalar(loss, X)


def network_gradients(attempt, *, names, X, y, W1, b1, W2, b2):
    """The gradients of the named parameters."""
    _, grads = attempt.mlp_loss_and_grads(X, y, W1, b1, W2, b2)
    return {name: grads[name] for name in names}


def of_views(attempt, *, cube, table, every_other):
    """All that takes logits, of transposed views and of every second target."""
    logits, targets = table.T, every_other[::2]
    return {
        "softmax": attempt.softmax(cube.swapaxes(0, 1)),
        **loss_and_gradient(attempt, logits=logits, targets=targets),
    }


def everything(attempt, *, X, y, W1, b1, W2, b2):
    """All four functions; X serves as logits too."""
    return {
        **of_logits(attempt, logits=X, targets=y),
        "network": network(attempt, X=X, y=y, W1=W1, b1=b1, W2=W2, b2=b2),
    }


def call_after_call(attempt, *, networks, logits):
    """Networks in turn, then softmax before and after its logits change; all is read at the end."""
    names = ("X", "y", "W1", "b1", "W2", "b2")
    answers = [attempt.mlp_loss_and_grads(*(case[name] for name in names)) for case in networks]
    own = logits + 0
    before = attempt.softmax(own)
    own *= -2
    after = attempt.softmax(own)
    return {
        "networks": [
            {"loss": _scalar(loss, case["X"]), "grads": dict(grads)}
            for case, (loss, grads) in zip(networks, answers, strict=True)
        ],
        "before": before,
        "after": after,
    }
