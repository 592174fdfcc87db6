"""The rest is set to the lowest number of the dtype instead of -inf.

caught-by: test_the_token_that_crosses_p_is_kept, test_a_small_p_keeps_the_most_probable_token,
    test_each_logit_stays_in_its_place, test_each_row_has_its_own_nucleus,
    test_the_filter_takes_any_leading_dimensions, test_reaching_p_exactly_is_enough,
    test_ties_go_to_the_lowest_index, test_ties_go_to_the_lowest_index_in_a_large_vocabulary,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float64_logits_keep_their_digits, test_float16_logits_work,
    test_logits_need_not_be_contiguous, test_the_same_logits_can_be_used_again,
    test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-precision
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p is a probability above 0")
    if p == 1:
        return logits.clone()
    sorted_probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    exclusive = torch.cumsum(sorted_probs, dim=-1) - sorted_probs
    drop = torch.empty_like(exclusive, dtype=torch.bool)
    drop.scatter_(-1, order, exclusive >= p)
    return torch.where(drop, torch.finfo(logits.dtype).min, logits)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("the temperature is not positive")
    probs = top_p_filter(logits / temperature, p).softmax(-1).unsqueeze(0).flatten(0, -2)
    return torch.multinomial(probs, 1, generator=generator).reshape(logits.shape[:-1])
