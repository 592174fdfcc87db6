"""The filter comes before the temperature.

caught-by: test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus
explained-by: top-p-temperature
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be above 0 and at most 1")
    if p == 1:
        return logits.clone()
    flat_in = logits.reshape(-1, logits.shape[-1])
    flat_out = torch.empty_like(flat_in).fill_(float("-inf"))
    probs = flat_in.double().softmax(dim=1)
    order = probs.argsort(dim=1, descending=True, stable=True)
    sizes = (probs.gather(1, order).cumsum(1) < p).sum(1) + 1
    for row, size in enumerate(sizes.tolist()):
        tokens = order[row, :size]
        flat_out[row, tokens] = flat_in[row, tokens]
    return flat_out.reshape(logits.shape)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    probs = torch.softmax(top_p_filter(logits, p).double() / temperature, dim=-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
