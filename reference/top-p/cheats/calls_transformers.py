"""The library does the work."""

from torch import Tensor, multinomial
from transformers import TemperatureLogitsWarper, TopPLogitsWarper


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    rows = logits.reshape(-1, logits.shape[-1])
    return TopPLogitsWarper(p)(None, rows).reshape(logits.shape)


def sample_top_p(logits: Tensor, p: float, temperature=1.0, generator=None) -> Tensor:
    warm = TemperatureLogitsWarper(temperature)(None, logits)
    rows = top_p_filter(warm, p).softmax(-1).reshape(-1, logits.shape[-1])
    return multinomial(rows, 1, generator=generator).reshape(logits.shape[:-1])
