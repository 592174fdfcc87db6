"""The textbook lines with the mask shifted, in the dtype of the input."""

import torch


def top_p_filter(logits, p):
    if not 0.0 < p <= 1.0:
        raise ValueError("p must be in (0, 1]")
    if p == 1.0:
        return logits.clone()
    ranked, order = torch.sort(logits, dim=-1, descending=True, stable=True)
    reached = ranked.softmax(dim=-1).cumsum(dim=-1) >= p
    reached[..., 1:] = reached[..., :-1].clone()
    reached[..., 0] = False
    return logits.masked_fill(reached.scatter(-1, order, reached), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    *lead, size = logits.shape
    probs = top_p_filter(logits / temperature, p).softmax(dim=-1).reshape(-1, size)
    return torch.multinomial(probs, 1, replacement=True, generator=generator).reshape(lead)
