"""The tokens keep a last dimension of size 1.

caught-by: test_one_token_comes_out_for_each_row, test_large_logits_do_not_overflow,
    test_float16_logits_work, test_logits_need_not_be_contiguous,
    test_the_same_logits_can_be_used_again, test_everything_stays_on_the_device_of_the_logits
explained-by: top-p-contract
"""

import torch
from torch.nn import functional


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be above 0 and at most 1")
    if p == 1:
        return logits.clone()
    order = torch.argsort(logits, dim=-1, descending=True, stable=True)
    ordered = functional.softmax(logits.float(), dim=-1).gather(-1, order)
    before = functional.pad(ordered.cumsum(-1), (1, -1))
    return logits.masked_fill((before >= p).gather(-1, order.argsort(-1)), float("-inf"))


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature must be above 0")
    probs = functional.softmax(top_p_filter(logits.float() / temperature, p), dim=-1)
    tokens = torch.multinomial(probs.reshape(-1, logits.size(-1)), 1, generator=generator)
    return tokens.reshape(*logits.shape[:-1], 1)
