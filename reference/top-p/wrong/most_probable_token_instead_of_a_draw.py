"""The most probable token is taken, nothing is drawn.

caught-by: test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_the_generator_alone_decides, test_a_high_temperature_widens_the_nucleus,
    test_logits_of_minus_infinity_stay_out, test_each_row_draws_for_itself,
    test_without_a_generator_the_global_random_state_decides
explained-by: top-p-strategies
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    probs = logits.double().softmax(-1)
    order = torch.argsort(probs, dim=-1, descending=True, stable=True)
    ranked = torch.gather(probs, -1, order)
    outside = ranked.cumsum(-1) - ranked >= p
    return logits.masked_fill(outside.gather(-1, order.argsort(-1)), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    probs = top_p_filter(logits.double() / temperature, p).softmax(-1)
    return probs.argmax(dim=-1)
