"""How an Adam is driven: parameters and gradients in, parameters out."""

import torch


def _parameters(values):
    return [torch.nn.Parameter(value.detach().clone()) for value in values]


def _give(params, grads):
    for param, grad in zip(params, grads, strict=True):
        param.grad = None if grad is None else grad.detach().clone()


def _values(params):
    return [param.detach().clone() for param in params]


def _walk(optimizer, params, grads):
    path = []
    for step_grads in grads:
        _give(params, step_grads)
        optimizer.step()
        path.append(_values(params))
    return path


def trajectory(attempt, *, params, grads, **hyper):
    """Parameters after each step.  grads: one list a step, None where there is no gradient."""
    params = _parameters(params)
    return _walk(attempt.Adam(params, **hyper), params, grads)


def trajectory_from_generator(attempt, *, params, grads, **hyper):
    """The same, with the parameters handed over as a generator."""
    params = _parameters(params)
    return _walk(attempt.Adam((param for param in params), **hyper), params, grads)


def trajectory_of_tensors(attempt, *, params, grads, **hyper):
    """The same with plain tensors that require a gradient: no `nn.Parameter` among them."""
    params = [param.detach().clone().requires_grad_() for param in params]
    return _walk(attempt.Adam(params, **hyper), params, grads)


def side_by_side(attempt, *, params, grads, other_params, other_grads, **hyper):
    """Two optimisers taking turns: the parameters of both after each step."""
    params, other_params = _parameters(params), _parameters(other_params)
    optimizer = attempt.Adam(params, **hyper)
    other = attempt.Adam(other_params, **hyper)
    return [
        (_walk(optimizer, params, [mine]), _walk(other, other_params, [theirs]))
        for mine, theirs in zip(grads, other_grads, strict=True)
    ]


def one_after_another(attempt, *, params, grads, more_grads, **hyper):
    """A second optimiser takes the parameters over, then the first has them back."""
    params = _parameters(params)
    first = attempt.Adam(params, **hyper)
    path = _walk(first, params, grads)
    second = attempt.Adam(params, **hyper)
    return path + _walk(second, params, more_grads) + _walk(first, params, grads)


def fit(attempt, *, inputs, targets, weight, bias, steps, **hyper):
    """A linear fit as in any training loop.  (N, D), (N, K), (D, K), (K,) -> one dict a step"""
    weight, bias = _parameters([weight, bias])
    optimizer = attempt.Adam([weight, bias], **hyper)
    log = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (inputs @ weight + bias - targets).square().mean()
        loss.backward()
        optimizer.step()
        log.append({"loss": loss.detach(), "params": _values([weight, bias])})
    return log


def gradients_after_steps(attempt, *, params, grads, **hyper):
    """What each step leaves in `.grad`."""
    params = _parameters(params)
    optimizer = attempt.Adam(params, **hyper)
    left = []
    for step_grads in grads:
        _give(params, step_grads)
        optimizer.step()
        left.append([None if p.grad is None else p.grad.detach().clone() for p in params])
    return left


def zero_grad(attempt, *, params, grads, frozen=False, **hyper):
    """Whether each gradient is None or zeros after zero_grad, and the parameters then.

    frozen: the parameters are frozen once they have their gradients.
    """
    params = _parameters(params)
    optimizer = attempt.Adam(params, **hyper)
    _give(params, grads)
    for param in params:
        param.requires_grad_(not frozen)
    optimizer.zero_grad()
    cleared = [p.grad is None or not bool(p.grad.any()) for p in params]
    return {"cleared": cleared, "params": _values(params)}


def graph(attempt, *, params, grads, **hyper):
    """How many tensors that are kept hang on an autograd graph; are the parameters still leaves?"""
    params = _parameters(params)
    optimizer = attempt.Adam(params, **hyper)
    _walk(optimizer, params, grads)
    kept = _tensors([optimizer, params], set())
    return {
        "tensors in a graph": sum(tensor.grad_fn is not None for tensor in kept),
        "still trainable": [param.is_leaf and param.requires_grad for param in params],
    }


def _tensors(thing, seen):
    """All tensors that can be reached from an object through its attributes and containers."""
    if id(thing) in seen or isinstance(thing, (str, bytes, type, type(torch))):
        return []
    seen.add(id(thing))
    found = [thing] if isinstance(thing, torch.Tensor) else []
    inner = list(getattr(thing, "__dict__", {}).values())
    inner += [getattr(thing, name, None) for name in getattr(type(thing), "__slots__", ())]
    if isinstance(thing, dict):
        inner += [*thing.keys(), *thing.values()]
    elif isinstance(thing, (list, tuple, set, frozenset)):
        inner += thing
    for item in inner:
        found += _tensors(item, seen)
    return found


def build(attempt, *, params, **hyper):
    """Only the constructor."""
    attempt.Adam(_parameters(params), **hyper)


def build_from_generator(attempt, *, params, **hyper):
    """Only the constructor, with the parameters handed over as a generator."""
    attempt.Adam((param for param in _parameters(params)), **hyper)


def many_steps(attempt, *, params, grads, steps, **hyper):
    """The same gradients again and again: for counting the work that the steps take."""
    params = _parameters(params)
    optimizer = attempt.Adam(params, **hyper)
    for _ in range(steps):
        _give(params, grads)
        optimizer.step()
    return _values(params)
