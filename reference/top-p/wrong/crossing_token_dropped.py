"""The token that crosses p is dropped.

caught-by: test_the_token_that_crosses_p_is_kept, test_each_logit_stays_in_its_place,
    test_each_row_has_its_own_nucleus, test_the_filter_takes_any_leading_dimensions,
    test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus, test_ties_go_to_the_lowest_index,
    test_ties_go_to_the_lowest_index_in_a_large_vocabulary,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float64_logits_keep_their_digits, test_float16_logits_work,
    test_logits_need_not_be_contiguous, test_the_same_logits_can_be_used_again,
    test_each_row_draws_for_itself, test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-shift
"""

import torch


def top_p_filter(logits, p):
    if not 0.0 < p <= 1.0:
        raise ValueError(f"p={p}")
    if p == 1.0:
        return logits.clone()
    ranks = torch.argsort(logits, dim=-1, descending=True, stable=True)
    probs = torch.softmax(logits, dim=-1, dtype=torch.float64)
    mass = torch.take_along_dim(probs, ranks, dim=-1).cumsum(-1)
    keep = mass <= p
    keep[..., 0] = True  # never an empty row
    keep = torch.zeros_like(keep).scatter(-1, ranks, keep)
    return torch.where(keep, logits, float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"temperature={temperature}")
    scores = top_p_filter(logits.double() / temperature, p)
    rows = scores.softmax(-1).reshape(-1, logits.shape[-1])
    return rows.multinomial(1, generator=generator).reshape(logits.shape[:-1])
