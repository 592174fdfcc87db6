"""The nucleus is empty when one token alone is above p.

caught-by: test_a_small_p_keeps_the_most_probable_token, test_the_token_that_crosses_p_is_kept,
    test_each_logit_stays_in_its_place, test_each_row_has_its_own_nucleus,
    test_the_filter_takes_any_leading_dimensions, test_one_token_comes_out_for_each_row,
    test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus,
    test_ties_go_to_the_lowest_index, test_ties_go_to_the_lowest_index_in_a_large_vocabulary,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float64_logits_keep_their_digits, test_float16_logits_work,
    test_logits_need_not_be_contiguous, test_the_same_logits_can_be_used_again,
    test_each_row_draws_for_itself, test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-shift
"""

import torch


def _cut(scores, p):
    """How many of the best tokens stay, per row."""
    ordered = scores.softmax(-1).sort(dim=-1, descending=True).values
    reached = ordered.cumsum(-1) <= p
    return reached.sum(-1, keepdim=True)


def top_p_filter(logits, p):
    if p > 1 or p <= 0:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return torch.clone(logits)
    wide = logits.to(torch.float64)
    order = wide.argsort(dim=-1, descending=True, stable=True)
    position = order.argsort(dim=-1)
    return logits.masked_fill(position >= _cut(wide, p), -torch.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if not temperature > 0:
        raise ValueError("temperature must be above zero")
    kept = top_p_filter(logits / temperature, p).double()
    weights = torch.exp(kept - kept.amax(-1, keepdim=True))
    drawn = torch.multinomial(weights.reshape(-1, weights.shape[-1]), 1, generator=generator)
    return drawn.reshape(weights.shape[:-1])
