"""How an attempt at relative attention is driven."""

import torch


def _ready(attempt, weights, num_heads, max_distance, like):
    """A module that holds these weights, on the device and in the dtype of `like`."""
    embed_dim = weights["q_proj.weight"].shape[1]
    module = attempt.RelativeMultiHeadAttention(embed_dim, num_heads, max_distance)
    return _load(module.to(like.device, like.dtype), weights)


def _load(module, weights):
    names = {name for name, _ in module.named_parameters()}
    # buffers are the attempt's own affair; the parameters have to match exactly
    buffers = {name: x for name, x in module.state_dict().items() if name not in names}
    module.load_state_dict({**buffers, **weights})
    return module


def _call(module, query, key, value, key_mask):
    if key_mask is None:
        return module(query, key, value)
    return module(query, key, value, key_mask=key_mask)


def parameters(attempt, *, embed_dim, num_heads, max_distance):
    """The shape of each parameter, by its name."""
    module = attempt.RelativeMultiHeadAttention(embed_dim, num_heads, max_distance)
    return {name: list(x.shape) for name, x in module.named_parameters()}


def fresh(attempt, *, query, key, num_heads, max_distance):
    """The shape that a new, untrained module gives out."""
    embed_dim = query.shape[-1]
    module = attempt.RelativeMultiHeadAttention(embed_dim, num_heads, max_distance)
    module = module.to(query.device, query.dtype)
    return list(module(query, key, key).shape)


def attend(attempt, *, weights, num_heads, max_distance, query, key, value, key_mask=None):
    """The output."""
    module = _ready(attempt, weights, num_heads, max_distance, query)
    return _call(module, query, key, value, key_mask).detach().clone()


def infer(attempt, **case):
    """The output, computed as when a trained model is used: nothing is kept for gradients."""
    with torch.no_grad():
        return attend(attempt, **case)


def in_turn(attempt, *, weights, num_heads, max_distance, calls):
    """The outputs of one module, called again and again.  calls: (query, key, value, key_mask)"""
    module = _ready(attempt, weights, num_heads, max_distance, calls[0][0])
    return [_call(module, *call).detach().clone() for call in calls]


def after_learning(attempt, *, weights, later, num_heads, max_distance, query, key, value):
    """The output with the later weights, of a module that was called with others before."""
    module = _ready(attempt, weights, num_heads, max_distance, query)
    _call(module, query, key, value, None)
    return _load(module, later)(query, key, value).detach().clone()


def gradients(
    attempt, *, weights, num_heads, max_distance, query, key, value, upstream, key_mask=None
):
    """The gradients of (output * upstream).sum(): of the inputs and of every parameter."""
    module = _ready(attempt, weights, num_heads, max_distance, query)
    inputs = {"query": query, "key": key, "value": value}
    inputs = {name: x.detach().clone().requires_grad_() for name, x in inputs.items()}
    output = _call(module, **inputs, key_mask=key_mask)
    (output * upstream).sum().backward()
    leaves = {**inputs, **dict(module.named_parameters())}
    return {name: None if x.grad is None else x.grad.clone() for name, x in leaves.items()}


for probe in (parameters, fresh, attend, infer, in_turn, after_learning, gradients):
    probe.draws = True  # a new nn.Linear draws its first weights
