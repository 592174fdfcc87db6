"""Right: inplace_decorator."""

import functools

import torch
import torch.nn.functional as F

NEG_INF = float("-inf")


def validated(function):
    @functools.wraps(function)
    def wrapper(logits, p, *args, **kwargs):
        if not (0 < p <= 1):
            raise ValueError(f"p={p!r} is outside (0, 1]")
        return function(logits, p, *args, **kwargs)

    return wrapper


@validated
@torch.no_grad()
def top_p_filter(logits, p):
    out = logits.clone(memory_format=torch.contiguous_format)
    if p != 1:
        view = out.view(-1, out.size(-1))
        order = view.double().neg().argsort(dim=-1, stable=True)
        mass = F.softmax(view.double(), dim=-1).gather(1, order).cumsum(1)
        drop = mass.roll(1, dims=1) >= p
        drop[:, 0] = False
        row, rank = drop.nonzero(as_tuple=True)
        view.index_put_((row, order[row, rank]), out.new_tensor(NEG_INF))
    return out


@validated
@torch.no_grad()
def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"temperature={temperature!r} is not positive")
    scaled = logits.double().mul(1 / temperature)
    probs = F.softmax(top_p_filter(scaled, p), dim=-1)
    probs = probs.div_(probs.sum(dim=-1, keepdim=True))
    if probs.dim() <= 2:
        return probs.multinomial(1, generator=generator).squeeze(-1)
    return (
        probs.flatten(end_dim=-2)
        .multinomial(1, generator=generator)
        .unflatten(0, probs.shape[:-1])
        .squeeze(-1)
    )
