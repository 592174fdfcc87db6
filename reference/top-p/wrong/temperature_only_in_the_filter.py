"""The temperature chooses the nucleus but not the token.

caught-by: test_a_high_temperature_widens_the_nucleus
explained-by: top-p-temperature
"""

import torch


def _outside(scores, p):
    """True where a token is outside of the nucleus of softmax(scores)."""
    if not 0 < p <= 1:
        raise ValueError("p must be above 0 and at most 1")
    if p == 1:
        return torch.zeros_like(scores, dtype=torch.bool)
    ranked, order = scores.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    before = torch.cat([torch.zeros_like(ranked[..., :1]), ranked.cumsum(-1)[..., :-1]], dim=-1)
    return torch.zeros_like(order, dtype=torch.bool).scatter(-1, order, before >= p)


def top_p_filter(logits, p):
    return logits.masked_fill(_outside(logits, p), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    outside = _outside(logits.double() / temperature, p)
    probs = logits.double().masked_fill(outside, float("-inf")).softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
