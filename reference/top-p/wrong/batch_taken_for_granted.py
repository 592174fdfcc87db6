"""Only logits of two dimensions work.

caught-by: test_the_filter_takes_any_leading_dimensions, test_one_token_comes_out_for_each_row,
    test_the_token_that_crosses_p_is_kept, test_a_small_p_keeps_the_most_probable_token,
    test_each_logit_stays_in_its_place, test_reaching_p_exactly_is_enough,
    test_ties_go_to_the_lowest_index, test_ties_go_to_the_lowest_index_in_a_large_vocabulary,
    test_logits_of_minus_infinity_stay_out, test_logits_need_not_be_contiguous,
    test_the_same_logits_can_be_used_again, test_each_row_draws_for_itself,
    test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-contract
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    out = logits.clone()
    ranked, order = torch.sort(torch.softmax(logits.double(), dim=-1), descending=True, stable=True)
    total = torch.cumsum(ranked, dim=-1)
    for b in range(logits.shape[0]):
        size = int((total[b] < p).sum()) + 1
        out[b, order[b, size:]] = float("-inf")
    return out


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    probs = torch.softmax(top_p_filter(logits.double() / temperature, p), dim=-1)
    return torch.multinomial(probs, num_samples=1, generator=generator).squeeze(-1)
