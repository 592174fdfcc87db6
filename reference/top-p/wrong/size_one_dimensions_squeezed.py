"""Leading dimensions of size 1 disappear.

caught-by: test_one_token_comes_out_for_each_row
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    ranked, order = logits.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    keep = ranked.cumsum(-1) - ranked < p
    inside = torch.zeros_like(keep).scatter_(-1, order, keep)
    return torch.where(inside, logits, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    *lead, vocab = logits.shape
    probs = top_p_filter(logits.double() / temperature, p).softmax(-1).reshape(-1, vocab)
    return torch.multinomial(probs, 1, generator=generator).reshape(*lead, 1).squeeze()
