"""Every token is compared with every other in float64; the Gumbel trick draws."""

import torch


class BadArgument(ValueError):
    pass


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise BadArgument("p")
    if p == 1:
        return logits
    scores = logits.double()
    index = torch.arange(logits.shape[-1], device=logits.device)
    mine, other = scores[..., :, None], scores[..., None, :]
    ahead = (other > mine) | ((other == mine) & (index < index[:, None]))
    before = torch.einsum("...ij,...j->...i", ahead.double(), scores.softmax(-1))
    return torch.where(before < p, logits, -torch.inf)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise BadArgument("temperature")
    scores = top_p_filter(logits.double() / temperature, p)
    noise = torch.empty_like(scores).exponential_(generator=generator)
    return (scores - noise.log()).argmax(-1)
