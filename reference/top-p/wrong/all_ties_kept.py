"""Every token as probable as the last one of the nucleus stays.

caught-by: test_ties_go_to_the_lowest_index, test_reaching_p_exactly_is_enough,
    test_ties_go_to_the_lowest_index_in_a_large_vocabulary
explained-by: top-p-ties
"""

import torch


def top_p_filter(logits, p):
    if p <= 0 or p > 1:
        raise ValueError("p must lie in (0, 1]")
    if p == 1:
        return logits.clone()
    descending = torch.sort(logits, dim=-1, descending=True).values
    mass = torch.softmax(descending.double(), dim=-1).cumsum(dim=-1)
    last = (mass < p).sum(dim=-1, keepdim=True).clamp(max=logits.shape[-1] - 1)
    threshold = descending.gather(-1, last)
    return torch.where(logits < threshold, -torch.inf, logits)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    scores = top_p_filter(logits.double() / temperature, p)
    # the largest of log-probability plus Gumbel noise is a draw from the softmax
    u = torch.rand(scores.shape, generator=generator, device=scores.device, dtype=torch.float64)
    return (scores - torch.log(-torch.log(u.clamp_min(1e-300)))).argmax(dim=-1)
