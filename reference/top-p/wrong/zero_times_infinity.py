"""A mask of zeros times -inf makes NaN.

caught-by: test_the_token_that_crosses_p_is_kept, test_a_small_p_keeps_the_most_probable_token,
    test_each_logit_stays_in_its_place, test_each_row_has_its_own_nucleus,
    test_the_filter_takes_any_leading_dimensions, test_one_token_comes_out_for_each_row,
    test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus,
    test_reaching_p_exactly_is_enough, test_ties_go_to_the_lowest_index,
    test_ties_go_to_the_lowest_index_in_a_large_vocabulary,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float64_logits_keep_their_digits, test_float16_logits_work,
    test_logits_need_not_be_contiguous, test_the_same_logits_can_be_used_again,
    test_each_row_draws_for_itself, test_the_generator_alone_decides,
    test_without_a_generator_the_global_random_state_decides,
    test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-precision
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    ranked = logits.float().softmax(-1).gather(-1, order)
    outside = (ranked.cumsum(-1) - ranked >= p).to(logits.dtype)
    penalty = torch.zeros_like(logits).scatter(-1, order, outside)
    return logits + penalty * float("-inf")


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    probs = top_p_filter(logits / temperature, p).softmax(-1)
    drawn = torch.multinomial(probs.reshape(-1, probs.shape[-1]), 1, generator=generator)
    return drawn.reshape(logits.shape[:-1])
