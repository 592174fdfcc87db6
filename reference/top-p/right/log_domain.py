"""Log-probabilities all the way; draws a rank and looks its token up."""

import math

import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    scores = logits.to(torch.promote_types(logits.dtype, torch.float32))
    log_probs = scores - scores.logsumexp(-1, keepdim=True)
    ranked, order = log_probs.sort(dim=-1, descending=True, stable=True)
    size = (ranked.logcumsumexp(-1) < math.log(p)).sum(-1, keepdim=True) + 1
    return logits.masked_fill(order.argsort(-1) >= size, -math.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError("temperature")
    kept = top_p_filter(logits.float() / temperature, p)
    ranked, order = kept.sort(dim=-1, descending=True)
    clock = torch.empty_like(ranked).exponential_(generator=generator)
    rank = (ranked.softmax(-1) / clock).argmax(-1, keepdim=True)
    return order.gather(-1, rank).squeeze(-1)
