"""New tensors are made on the CPU, wherever the logits are.

caught-by: test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    mass = logits.double().softmax(-1).gather(-1, order).cumsum(-1)
    size = (mass < p).sum(-1, keepdim=True) + 1
    outside = torch.arange(logits.shape[-1]) >= size
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    scores = top_p_filter(logits.double() / temperature, p)
    u = torch.rand(scores.shape, generator=generator, dtype=scores.dtype)
    return (scores - torch.log(-torch.log(u.clamp_min(1e-300)))).argmax(-1)
