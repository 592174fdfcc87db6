"""How an attempt at batch normalisation is driven."""

import torch


def _module(attempt, x, num_features=None, state=None, **hyper):
    """A new layer on the device and in the dtype of x, holding the values of `state`."""
    channels = x.shape[1] if num_features is None else num_features
    module = attempt.BatchNorm(channels, **hyper).to(x.device, x.dtype)
    with torch.no_grad():
        for name, value in (state or {}).items():
            getattr(module, name).copy_(value)
    return module


def _copy(value):
    return value.detach().clone()


def _statistics(module):
    """The running statistics as they are now."""
    return {"running_mean": _copy(module.running_mean), "running_var": _copy(module.running_var)}


def _buffers(module):
    """The three buffers as they are now."""
    return {**_statistics(module), "num_batches_tracked": int(module.num_batches_tracked)}


def forward(attempt, *, x, training=True, num_features=None, state=None, **hyper):
    """The output for one batch."""
    module = _module(attempt, x, num_features, state, **hyper)
    module.train(training)
    return _copy(module(x))


def by_position(attempt, *, x, eps, momentum):
    """A batch of training by a layer whose eps and momentum are given by position."""
    module = attempt.BatchNorm(x.shape[1], eps, momentum).to(x.device, x.dtype)
    module.train()
    return {"output": _copy(module(x)), **_statistics(module)}


def statistics(attempt, *, batches, **hyper):
    """The running statistics after each batch of training."""
    module = _module(attempt, batches[0], **hyper)
    module.train()
    after = []
    for x in batches:
        module(x)
        after.append(_statistics(module))
    return after


def counted(attempt, *, batches):
    """num_batches_tracked before training and after each batch."""
    module = _module(attempt, batches[0])
    module.train()
    counts = [int(module.num_batches_tracked)]
    for x in batches:
        module(x)
        counts.append(int(module.num_batches_tracked))
    return counts


def left_after_evaluation(attempt, *, x, state, **hyper):
    """The buffers after an evaluation that started from `state`."""
    module = _module(attempt, x, state=state, **hyper)
    module.eval()
    module(x)
    return _buffers(module)


def without_autograd(attempt, *, x, state, **hyper):
    """A batch of training under no_grad: its output and the buffers after it."""
    module = _module(attempt, x, state=state, **hyper)
    module.train()
    with torch.no_grad():
        output = module(x)
    return {"output": _copy(output), **_buffers(module)}


def alternate(attempt, *, batches, modes, **hyper):
    """One batch after another in the mode that a parent module sets: outputs and buffers."""
    module = _module(attempt, batches[0], **hyper)
    network = torch.nn.Sequential(module)
    seen = []
    for x, mode in zip(batches, modes, strict=True):
        network.train(mode == "train")
        seen.append({"output": _copy(network(x)), **_buffers(module)})
    return seen


def gradients(attempt, *, x, upstream, state=None, training=True, **hyper):
    """Gradients of the sum of output · upstream."""
    module = _module(attempt, x, state=state, **hyper)
    module.train(training)
    x = x.detach().clone().requires_grad_()
    (module(x) * upstream).sum().backward()
    return {"x": x.grad, "weight": module.weight.grad, "bias": module.bias.grad}


def carries_graph(attempt, *, x):
    """Whether each buffer hangs on a graph after a training batch that needs gradients."""
    module = _module(attempt, x)
    module.train()
    module(x.detach().clone().requires_grad_())
    return {
        "running_mean": module.running_mean.requires_grad,
        "running_var": module.running_var.requires_grad,
    }


def left_behind(attempt, *, x):
    """The names in the state_dict that live elsewhere than x after a batch of training."""
    module = _module(attempt, x)
    module.train()
    module(x)
    return [name for name, value in module.state_dict().items() if value.device != x.device]


def strided(attempt, *, x, training=True, state=None, **hyper):
    """The output for the values of x, which lie in memory in another order."""
    module = _module(attempt, x, state=state, **hyper)
    module.train(training)
    return _copy(module(x.transpose(0, -1).contiguous().transpose(0, -1)))


def new_layer(attempt, *, like, num_features):
    """The state_dict of a new layer, sorted by key, and what an optimiser would be given."""
    module = _module(attempt, like, num_features)
    return {
        "state_dict": {key: _copy(value) for key, value in sorted(module.state_dict().items())},
        "parameters": sorted(name for name, _ in module.named_parameters()),
    }


def reload(attempt, *, x, state, **hyper):
    """Evaluate x, load a state_dict, evaluate x with it, train on x; the last output and state."""
    module = _module(attempt, x, **hyper)
    module.eval()
    module(x)
    module.load_state_dict(state)
    output = _copy(module(x))
    module.train()
    module(x)
    after = {key: _copy(value) for key, value in sorted(module.state_dict().items())}
    return {"output": output, "state_dict": after}
