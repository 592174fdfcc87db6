"""The filtered logits come back sorted.

caught-by: test_each_logit_stays_in_its_place, test_each_row_has_its_own_nucleus,
    test_a_small_p_keeps_the_most_probable_token, test_the_filter_takes_any_leading_dimensions,
    test_reaching_p_exactly_is_enough, test_ties_go_to_the_lowest_index,
    test_ties_go_to_the_lowest_index_in_a_large_vocabulary,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float64_logits_keep_their_digits, test_float16_logits_work,
    test_logits_need_not_be_contiguous, test_the_same_logits_can_be_used_again,
    test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-scatter
"""

import torch


def _nucleus(logits, p):
    """(..., V) -> the logits from the best down, cut to the nucleus, and their tokens."""
    if not 0 < p <= 1:
        raise ValueError(f"need 0 < p <= 1, not {p}")
    ordered, tokens = torch.sort(logits, dim=-1, descending=True, stable=True)
    if p == 1:
        return ordered, tokens
    probs = ordered.double().softmax(-1)
    before = probs.cumsum(-1).roll(1, -1)
    before[..., 0] = 0.0
    return ordered.masked_fill(before >= p, -torch.inf), tokens


def top_p_filter(logits, p):
    if p == 1:
        return logits.clone()
    return _nucleus(logits, p)[0]


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"need temperature > 0, not {temperature}")
    ordered, tokens = _nucleus(logits.double() / temperature, p)
    rows = ordered.softmax(-1).reshape(-1, ordered.shape[-1])
    rank = torch.multinomial(rows, 1, generator=generator)
    rank = rank.reshape(*logits.shape[:-1], 1)
    return tokens.gather(-1, rank)[..., 0]
