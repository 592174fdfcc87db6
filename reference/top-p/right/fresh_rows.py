"""Row by row in plain Python, growing the nucleus token by token."""

import math

import torch


def _shares(values):
    top = max(values)
    weights = [math.exp(v - top) for v in values]
    total = math.fsum(weights)
    return [w / total for w in weights]


def _chosen(values, p):
    if p == 1:
        return set(range(len(values)))
    share = _shares(values)
    mass, nucleus = 0.0, []
    for token in sorted(range(len(values)), key=lambda i: (-share[i], i)):
        nucleus.append(token)
        mass = math.fsum([mass, share[token]])
        if mass >= p:
            break
    return set(nucleus)


def _demand(condition, message):
    if not condition:
        raise ValueError(message)


def top_p_filter(logits, p):
    _demand(0 < p <= 1, "p is outside of (0, 1]")
    result = logits.detach().clone().contiguous()
    for row in result.view(-1, logits.shape[-1]):
        inside = _chosen(row.tolist(), p)
        outside = [i for i in range(len(row)) if i not in inside]
        row[outside] = -math.inf
    return result


def sample_top_p(logits, p, temperature=1.0, generator=None):
    _demand(temperature > 0, "temperature is not above 0")
    _demand(0 < p <= 1, "p is outside of (0, 1]")
    tokens = []
    for row in logits.detach().reshape(-1, logits.shape[-1]).tolist():
        top = max(row)
        row = [(v - top) / temperature for v in row]
        inside = sorted(_chosen(row, p))
        share = torch.tensor(
            _shares([row[i] for i in inside]), dtype=torch.float32, device=logits.device
        )
        tokens.append(inside[int(torch.multinomial(share, 1, generator=generator))])
    return torch.tensor(tokens, dtype=torch.int64, device=logits.device).reshape(logits.shape[:-1])
