"""All tokens of the nucleus are equally likely.

caught-by: test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus
explained-by: top-p-strategies
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    mass = logits.double().softmax(-1).gather(-1, order).cumsum(-1)
    stay = torch.cat([torch.ones_like(mass[..., :1], dtype=torch.bool), mass[..., :-1] < p], -1)
    stay = torch.zeros_like(stay).scatter(-1, order, stay)
    return torch.where(stay, logits, -torch.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    allowed = top_p_filter(logits.double() / temperature, p) > -torch.inf
    rows = allowed.double().reshape(-1, logits.shape[-1])
    return torch.multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])
