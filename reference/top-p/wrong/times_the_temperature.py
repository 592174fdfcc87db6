"""The logits are multiplied by the temperature.

caught-by: test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus
explained-by: top-p-temperature
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be above 0 and at most 1")
    if p == 1:
        return logits.clone()
    values, order = logits.sort(dim=-1, descending=True, stable=True)
    log_mass = values.double().log_softmax(-1).logcumsumexp(-1)
    keep = torch.ones_like(order, dtype=torch.bool)
    keep[..., 1:] = log_mass[..., :-1].exp() < p
    values = values.masked_fill(~keep, float("-inf"))
    return torch.empty_like(logits).scatter_(-1, order, values)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    probs = torch.softmax(top_p_filter(temperature * logits.double(), p), dim=-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
