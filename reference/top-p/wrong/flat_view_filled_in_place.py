"""The filter fills a flat view of the logits of the caller.

caught-by: test_the_token_that_crosses_p_is_kept, test_a_small_p_keeps_the_most_probable_token,
    test_each_logit_stays_in_its_place, test_each_row_has_its_own_nucleus,
    test_the_filter_takes_any_leading_dimensions, test_a_p_close_to_one_keeps_what_it_needs,
    test_reaching_p_exactly_is_enough, test_ties_go_to_the_lowest_index,
    test_ties_go_to_the_lowest_index_in_a_large_vocabulary, test_logits_of_minus_infinity_stay_out,
    test_large_logits_do_not_overflow, test_float64_logits_keep_their_digits,
    test_float16_logits_work, test_the_same_logits_can_be_used_again,
    test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p has to be in (0, 1]")
    if p == 1:
        return logits.clone()
    x = logits if logits.dtype == torch.float64 else logits.float()
    order = x.argsort(dim=-1, descending=True, stable=True)
    probs = x.softmax(dim=-1).gather(-1, order)
    cum = probs.cumsum(dim=-1)
    outside = torch.zeros_like(cum, dtype=torch.bool)
    outside[..., 1:] = cum[..., :-1] >= p
    outside = torch.zeros_like(outside).scatter(-1, order, outside)
    flat = logits.reshape(-1, logits.shape[-1])
    flat[outside.reshape(flat.shape)] = float("-inf")
    return flat.reshape(logits.shape)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature has to be above 0")
    x = logits if logits.dtype == torch.float64 else logits.float()
    x = top_p_filter(x / temperature, p)
    probs = x.softmax(dim=-1)
    rows = probs.reshape(-1, probs.shape[-1])
    tokens = torch.multinomial(rows, 1, generator=generator)
    return tokens.reshape(logits.shape[:-1])
