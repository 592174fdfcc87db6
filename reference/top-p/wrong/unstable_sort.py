"""The sort is not stable, so ties fall anywhere.

caught-by: test_ties_go_to_the_lowest_index_in_a_large_vocabulary
explained-by: top-p-ties
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"expected p in (0, 1], got {p}")
    if p == 1:
        return logits.clone()
    probs = torch.softmax(logits.double(), dim=-1)
    ranked, order = probs.sort(dim=-1, descending=True)
    before = torch.nn.functional.pad(ranked.cumsum(-1)[..., :-1], (1, 0))
    inside = torch.zeros_like(logits, dtype=torch.bool)
    inside.scatter_(-1, order, before < p)
    return logits.masked_fill(~inside, -torch.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"expected a temperature above 0, got {temperature}")
    probs = torch.softmax(top_p_filter(logits.double() / temperature, p), dim=-1)
    noise = torch.empty_like(probs).exponential_(generator=generator)
    return (probs / noise).argmax(dim=-1)
