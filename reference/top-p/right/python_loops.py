"""One row and one token at a time, in Python numbers; a uniform number walks along the nucleus."""

import math

import torch


def nucleus(row, p):
    """The tokens of the nucleus and their weights, the most probable first."""
    if p <= 0 or p > 1:
        raise ValueError(f"p is {p}")
    top = max(row)
    weights = [math.exp(logit - top) for logit in row]
    tokens = sorted(range(len(row)), key=lambda token: -row[token])
    total, mass = math.fsum(weights), 0.0
    for count, token in enumerate(tokens, start=1):
        mass += weights[token] / total
        if mass >= p and p < 1:
            tokens = tokens[:count]
            break
    return tokens, [weights[token] for token in tokens]


def top_p_filter(logits, p):
    rows = logits.reshape(-1, logits.shape[-1])
    kept = torch.full(rows.shape, -math.inf, dtype=logits.dtype, device=logits.device)
    for index, row in enumerate(rows.tolist()):
        for token in nucleus(row, p)[0]:
            kept[index, token] = rows[index, token]
    return kept.reshape(logits.shape)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}")
    rows = logits.reshape(-1, logits.shape[-1]).tolist()
    numbers = torch.rand(len(rows), generator=generator, device=logits.device).tolist()
    drawn = []
    for row, number in zip(rows, numbers, strict=True):
        tokens, weights = nucleus([logit / temperature for logit in row], p)
        left = number * sum(weights)
        rank = 0
        while left >= weights[rank] and rank + 1 < len(tokens):
            left -= weights[rank]
            rank += 1
        drawn.append(tokens[rank])
    return torch.tensor(drawn, device=logits.device).reshape(logits.shape[:-1])
