"""The rank of the token is returned instead of the token.

caught-by: test_one_token_comes_out_for_each_row,
    test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_a_high_temperature_widens_the_nucleus, test_a_low_temperature_narrows_the_nucleus,
    test_logits_of_minus_infinity_stay_out, test_large_logits_do_not_overflow,
    test_float16_logits_work, test_logits_need_not_be_contiguous,
    test_the_same_logits_can_be_used_again, test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-scatter
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"need 0 < p <= 1, not {p}")
    if p == 1:
        return logits.clone()
    outside = torch.ones_like(logits, dtype=torch.bool)
    probs = logits.double().softmax(-1)
    order = probs.argsort(dim=-1, descending=True, stable=True)
    mass = probs.gather(-1, order).cumsum(-1)
    size = (mass < p).sum(-1, keepdim=True) + 1
    rank = torch.arange(logits.shape[-1], device=logits.device).expand_as(order)
    outside.scatter_(-1, order, rank >= size)
    return logits.masked_fill(outside, -torch.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(f"need temperature > 0, not {temperature}")
    scaled = top_p_filter(logits.double() / temperature, p)
    best_first = scaled.sort(dim=-1, descending=True).values
    cdf = best_first.softmax(-1).cumsum(-1)
    u = torch.rand(
        cdf.shape[:-1], generator=generator, device=cdf.device, dtype=cdf.dtype
    ).unsqueeze(-1)
    return (cdf <= u * cdf[..., -1:]).sum(-1)
