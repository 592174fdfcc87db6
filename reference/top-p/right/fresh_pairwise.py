"""No sort: the mass ahead of a token is a sum over all tokens that come before it. V² work."""

import functools

import torch


def with_rows(function):
    """Let function see (rows, V) in double precision, whatever the leading dimensions."""

    @functools.wraps(function)
    def wrapper(logits, *args, **kwargs):
        wide = torch.float32 if logits.device.type == "mps" else torch.float64
        rows = logits.reshape(-1, logits.shape[-1]).to(wide)
        out = function(rows, *args, **kwargs)
        return out.reshape(logits.shape[:-1] + out.shape[1:])

    return wrapper


@with_rows
def nucleus(z, p):
    if p == 1:
        return torch.ones_like(z, dtype=torch.bool)
    prob = torch.softmax(z, dim=-1)
    out = torch.empty_like(prob, dtype=torch.bool)
    index = torch.arange(z.shape[-1], device=z.device)
    for token in range(z.shape[-1]):
        mine = prob[:, token, None]
        first = (prob > mine) | ((prob == mine) & (index < token))
        out[:, token] = (prob * first).sum(-1) < p
    return out


@with_rows
def draw(z, generator):
    prob = torch.softmax(z, dim=-1)
    clock = torch.empty_like(prob).exponential_(1.0, generator=generator)
    return torch.argmax(prob / clock, dim=-1)


def top_p_filter(logits, p):
    if p > 1 or p <= 0:
        raise ValueError(f"p={p}")
    return torch.where(nucleus(logits, p), logits, -torch.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"temperature={temperature}")
    hot = logits.to(torch.float32 if logits.dtype == torch.float16 else logits.dtype) / temperature
    return draw(top_p_filter(hot, p), generator)
