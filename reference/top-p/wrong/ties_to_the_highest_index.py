"""Ties go to the highest index.

caught-by: test_ties_go_to_the_lowest_index,
    test_ties_go_to_the_lowest_index_in_a_large_vocabulary, test_reaching_p_exactly_is_enough
explained-by: top-p-ties
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p has to be in (0, 1]")
    if p == 1:
        return logits.clone()
    # least probable first: drop from the front what the rest can do without
    ascending, order = torch.sort(logits, dim=-1, descending=False, stable=True)
    tail = ascending.double().softmax(dim=-1).cumsum(dim=-1)
    drop = tail <= 1 - p
    drop[..., -1] = False
    drop = drop.scatter(-1, order, drop)
    return logits.masked_fill(drop, -float("inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature has to be positive")
    scores = top_p_filter(logits / temperature, p)
    probs = torch.softmax(scores.double(), dim=-1).reshape(-1, logits.shape[-1])
    return torch.multinomial(probs, 1, generator=generator).reshape(logits.shape[:-1])
