"""The probabilities of the nucleus are not renormalised.

caught-by: test_tokens_come_with_the_probabilities_of_the_nucleus,
    test_one_token_comes_out_for_each_row, test_a_high_temperature_widens_the_nucleus,
    test_a_low_temperature_narrows_the_nucleus, test_large_logits_do_not_overflow,
    test_float16_logits_work, test_logits_need_not_be_contiguous,
    test_the_same_logits_can_be_used_again, test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-strategies
"""

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    probs = torch.softmax(logits.double(), dim=-1)
    ranked, order = torch.sort(probs, dim=-1, descending=True, stable=True)
    outside = ranked.cumsum(dim=-1) - ranked >= p
    return logits.masked_fill(outside.scatter(-1, order, outside), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    scaled = logits.double() / temperature
    inside = torch.isfinite(top_p_filter(scaled, p))
    probs = torch.softmax(scaled, dim=-1) * inside
    # invert the running sum at a uniform number
    u = torch.rand(
        probs.shape[:-1] + (1,), generator=generator, device=probs.device, dtype=probs.dtype
    )
    below = (probs.cumsum(dim=-1) <= u).sum(dim=-1)
    return below.clamp(max=probs.shape[-1] - 1)
