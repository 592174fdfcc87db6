"""One token behind the crossing one is kept too.

caught-by: test_the_token_that_crosses_p_is_kept
explained-by: top-p-shift
"""

import torch


class Nucleus:
    """Which tokens of each row are in."""

    def __init__(self, scores, p):
        self.order = torch.argsort(scores, dim=-1, descending=True, stable=True)
        self.rank = torch.argsort(self.order, dim=-1)
        ranked = scores.gather(-1, self.order)
        ranked = (ranked - ranked[..., :1]).exp()
        ranked = ranked / ranked.sum(dim=-1, keepdim=True)
        self.size = 2 + (ranked.cumsum(-1) < p).sum(-1, keepdim=True)

    @property
    def inside(self):
        return self.rank < self.size


class TopP:
    def __init__(self, p):
        if p <= 0 or p > 1:
            raise ValueError(p)
        self.p = p

    def __call__(self, logits):
        if self.p == 1:
            return logits
        inside = Nucleus(logits.detach().to(torch.float64), self.p).inside
        return logits.masked_fill(~inside, -torch.inf)


def top_p_filter(logits, p):
    return TopP(p)(logits)


def sample_top_p(logits, p, temperature=1.0, generator=None):
    if temperature <= 0:
        raise ValueError(temperature)
    kept = TopP(p)(logits.to(torch.float64) / temperature)
    *lead, V = kept.shape
    return torch.multinomial(kept.softmax(-1).view(-1, V), 1, generator=generator).view(lead)
