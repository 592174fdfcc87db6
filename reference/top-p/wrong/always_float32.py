"""The result is float32 whatever came in.

caught-by: test_float64_logits_keep_their_digits, test_float16_logits_work,
    test_p_of_one_changes_nothing
explained-by: top-p-precision
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    logits = logits.float()
    if p == 1:
        return logits.clone()
    ranked, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    before = torch.nn.functional.pad(ranked.cumsum(-1), (1, 0))[..., :-1]
    outside = (before >= p).scatter(-1, order, before >= p)
    return logits.masked_fill(outside, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    scores = top_p_filter(logits.float() / temperature, p)
    gumbel = -torch.empty_like(scores).exponential_(generator=generator).log()
    return (scores + gumbel).argmax(-1)
