"""The noise is NaN, so token 0 always comes.

caught-by: test_tokens_come_with_the_probabilities_of_the_nucleus,
  test_one_token_comes_out_for_each_row
explained-by: top-p-strategies
"""

import torch
import torch.nn.functional as F


def _check(p):
    if p <= 0 or p > 1:
        raise ValueError("`top_p` has to be a float in (0, 1]")


def top_p_filter(logits: torch.Tensor, p: float) -> torch.Tensor:
    """The Hugging Face way, with >= and a stable sort."""
    _check(p)
    if p == 1.0:
        return logits
    sorted_logits, sorted_indices = torch.sort(
        logits.to(torch.float64), descending=True, dim=-1, stable=True
    )
    cumulative_probs = torch.cumsum(F.softmax(sorted_logits, dim=-1), dim=-1)
    sorted_indices_to_remove = cumulative_probs >= p
    sorted_indices_to_remove[..., 1:] = sorted_indices_to_remove[..., :-1].clone()
    sorted_indices_to_remove[..., 0] = False
    indices_to_remove = torch.empty_like(sorted_indices_to_remove)
    indices_to_remove.scatter_(-1, sorted_indices, sorted_indices_to_remove)
    out = logits.clone()
    out[indices_to_remove] = -float("inf")
    return out


def sample_top_p(logits, p, temperature=1.0, generator=None):
    """Gumbel-max over what is left."""
    _check(p)
    if temperature <= 0:
        raise ValueError("`temperature` has to be a strictly positive float")
    kept = top_p_filter(logits.double() / temperature, p)
    u = torch.rand(kept.shape, dtype=kept.dtype, device=kept.device, generator=generator)
    tiny = torch.finfo(kept.dtype).tiny
    gumbel = -torch.log(-torch.log(u.clamp(min=tiny)).clamp(min=tiny))
    return (kept + gumbel).argmax(dim=-1)
