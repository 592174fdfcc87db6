"""The generator is not used.

caught-by: test_the_generator_alone_decides, test_one_token_comes_out_for_each_row,
    test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float16_logits_work, test_logits_need_not_be_contiguous,
    test_the_same_logits_can_be_used_again, test_each_row_draws_for_itself
explained-by: top-p-generator
"""

import torch
from torch.distributions import Categorical


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    ranked, order = logits.double().softmax(-1).sort(dim=-1, descending=True, stable=True)
    before = ranked.cumsum(-1).roll(1, dims=-1)
    before[..., 0] = 0
    drop = torch.zeros_like(order, dtype=torch.bool).scatter_(-1, order, before >= p)
    return logits.masked_fill(drop, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    nucleus = top_p_filter(logits.double() / temperature, p)
    return Categorical(logits=nucleus).sample()
