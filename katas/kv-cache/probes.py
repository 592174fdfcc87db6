"""How an attempt at kv-cache is driven.

x is (B, S, E), weights a state_dict of its four projections, chunks the
lengths of the pieces in which x is given.
"""

import torch


def _build(attempt, num_heads, x):
    # what an initialisation draws is free, what forward draws is not
    with torch.random.fork_rng(devices=[]):
        module = attempt.CachedSelfAttention(x.shape[-1], num_heads)
    return module.to(x.device, x.dtype)


def _load(attempt, weights, num_heads, x):
    module = _build(attempt, num_heads, x)
    unknown = module.load_state_dict(weights, strict=False).unexpected_keys
    if unknown:
        raise AttributeError("the module has no parameter " + ", ".join(unknown))
    return module


def _feed(module, x, chunks, cache=None):
    """Output and cache after each piece."""
    for chunk in x.split(chunks, dim=1):
        output, cache = module(chunk.contiguous(), cache)
        yield output, cache


def _copy(cache):
    k, v = cache
    return [k.detach().clone(), v.detach().clone()]


def parameters(attempt, *, num_heads, x):
    """Name and shape of each parameter."""
    module = _build(attempt, num_heads, x)
    return {name: list(value.shape) for name, value in module.named_parameters()}


def shapes(attempt, *, num_heads, x, chunks):
    """Shapes of output, keys and values after each piece, with fresh weights."""
    steps = _feed(_build(attempt, num_heads, x), x, chunks)
    return [[list(part.shape) for part in (output, k, v)] for output, (k, v) in steps]


def outputs(attempt, *, weights, num_heads, x, chunks):
    """The output of each piece."""
    steps = _feed(_load(attempt, weights, num_heads, x), x, chunks)
    return [output.detach().clone() for output, _ in steps]


def caches(attempt, *, weights, num_heads, x, chunks):
    """Keys and values after each piece."""
    steps = _feed(_load(attempt, weights, num_heads, x), x, chunks)
    return [_copy(cache) for _, cache in steps]


def beams(attempt, *, weights, num_heads, prompt, left, right, tail):
    """Go on from the cache of prompt with left, with right, and after left with tail.

    before, after: the caches of prompt and left when returned, and at the end.
    """
    module = _load(attempt, weights, num_heads, prompt)
    _, shared = module(prompt)
    before = _copy(shared)
    after_left, left_cache = module(left, shared)
    before += _copy(left_cache)
    after_right, _ = module(right, shared)
    after_tail, _ = module(tail, left_cache)
    outputs = {"left": after_left, "right": after_right, "tail": after_tail}
    return {
        "outputs": {name: output.detach().clone() for name, output in outputs.items()},
        "before": before,
        "after": _copy(shared) + _copy(left_cache),
    }


def beams_without_graph(attempt, **given):
    """The same as in generation, where autograd is off."""
    with torch.no_grad():
        return beams(attempt, **given)


def sequences(attempt, *, weights, num_heads, xs):
    """Outputs of one module for whole sequences, one after the other."""
    module = _load(attempt, weights, num_heads, xs[0])
    return [module(x)[0].detach().clone() for x in xs]


def strided(attempt, *, weights, num_heads, x_by_time):
    """Output for (S, B, E) inputs that are transposed to (B, S, E) and not copied."""
    module = _load(attempt, weights, num_heads, x_by_time)
    return module(x_by_time.transpose(0, 1))[0].detach().clone()


def resume(attempt, *, weights, num_heads, x, chunks, k, v):
    """The output of each piece of x after a past that is given as keys and values."""
    steps = _feed(_load(attempt, weights, num_heads, x), x, chunks, (k, v))
    return [output.detach().clone() for output, _ in steps]


def gradients(attempt, *, weights, num_heads, x, chunks, upstream):
    """Gradients of sum(outputs * upstream), outputs of all pieces, upstream (B, S, E)."""
    module = _load(attempt, weights, num_heads, x)
    x = x.detach().clone().requires_grad_()
    outputs = torch.cat([output for output, _ in _feed(module, x, chunks)], dim=1)
    (outputs * upstream).sum().backward()
    named = {"x": x, **{name: module.get_parameter(name) for name in weights}}
    return {
        name: None if value.grad is None else value.grad.clone() for name, value in named.items()
    }
