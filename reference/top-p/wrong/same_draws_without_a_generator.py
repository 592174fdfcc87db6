"""Without a generator the draws are always the same.

caught-by: test_without_a_generator_the_global_random_state_decides
explained-by: top-p-generator
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    probs = logits.double().softmax(-1)
    order = probs.argsort(dim=-1, descending=True, stable=True)
    total = probs.gather(-1, order).cumsum(-1)
    size = 1 + (total < p).sum(-1, keepdim=True)
    position = order.argsort(dim=-1)
    return logits.masked_fill(position >= size, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    if generator is None:
        generator = torch.Generator(device=logits.device)
    probs = top_p_filter(logits.double() / temperature, p).softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
