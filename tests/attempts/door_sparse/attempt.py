import torch


def softmax(logits):
    rows = logits.reshape(-1, logits.shape[-1])
    ones = torch.ones_like(rows, dtype=torch.bool)
    sparse = torch.sparse_coo_tensor(ones.nonzero().T, rows.reshape(-1), rows.shape)
    return torch.ops.aten._sparse_softmax(sparse, 1, False).to_dense().reshape(logits.shape)


def check(targets, classes):
    if ((targets < 0) | (targets >= classes)).any():
        raise IndexError("targets out of range")


def cross_entropy(logits, targets):
    check(targets, logits.shape[-1])
    shifted = logits - logits.amax(-1, keepdim=True)
    chosen = shifted.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return (shifted.exp().sum(-1).log() - chosen).mean()


def cross_entropy_grad(logits, targets):
    check(targets, logits.shape[-1])
    grad = (logits - logits.logsumexp(-1, keepdim=True)).exp()
    grad[torch.arange(len(targets), device=logits.device), targets] -= 1
    return grad / len(targets)


def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    before = X @ W1 + b1
    hidden = before.clamp(min=0)
    logits = hidden @ W2 + b2
    d_logits = cross_entropy_grad(logits, y)
    d_before = (d_logits @ W2.T) * (before > 0)
    return cross_entropy(logits, y), {
        "W1": X.T @ d_before,
        "b1": d_before.sum(0),
        "W2": hidden.T @ d_logits,
        "b2": d_logits.sum(0),
    }
