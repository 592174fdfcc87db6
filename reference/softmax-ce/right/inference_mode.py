"""In-place steps on copies, flat indices, under no_grad and inference_mode."""

import torch as th


@th.no_grad()
def softmax(logits):
    out = logits.clone()
    out.sub_(out.amax(dim=-1, keepdim=True)).exp_()
    out.div_(out.sum(dim=-1, keepdim=True))
    return out


@th.no_grad()
def _nll(logits, targets):
    n, c = logits.size()
    flat = logits.reshape(-1)
    if (targets < 0).any():
        raise IndexError("negative target")
    if not (targets < c).all():
        raise IndexError("target too large")
    index = th.arange(n, device=targets.device) * c + targets
    return flat[index], index


@th.no_grad()
def cross_entropy(logits, targets):
    right, _ = _nll(logits, targets)
    return th.mean(th.logsumexp(logits, dim=-1) - right)


@th.no_grad()
def cross_entropy_grad(logits, targets):
    _, index = _nll(logits, targets)
    p = softmax(logits).contiguous()
    p.view(-1)[index] -= 1
    return p.div_(p.size(0))


@th.inference_mode()
def mlp_loss_and_grads(X, y, W1, b1, W2, b2):
    z = th.addmm(b1, X, W1)
    alive = z.gt(0)
    z.clamp_min_(0)
    s = th.addmm(b2, z, W2)
    loss = cross_entropy(s, y)
    d = cross_entropy_grad(s, y)
    grads = {"W2": th.mm(z.t(), d), "b2": d.sum(0)}
    d = th.mm(d, W2.t())
    d[~alive] = 0
    grads.update(W1=th.mm(X.t(), d), b1=d.sum(0))
    return loss, grads
