"""Top-p (nucleus) sampling.

Source: Holtzman et al. (2020), The curious case of neural text degeneration.
"""

import torch
from torch import Tensor


def top_p_filter(logits: Tensor, p: float) -> Tensor:
    """Keep the nucleus of each row and set every other logit to -inf.

    logits: (..., V), float16, float32 or float64; not changed
    p: how much probability the nucleus has to reach, 0 < p <= 1
    returns: (..., V), same dtype and device; the nucleus keeps its logits

    ValueError: p outside (0, 1].
    Source: Holtzman et al. (2020), section 3.1.
    """
    raise NotImplementedError


def sample_top_p(
    logits: Tensor,
    p: float,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw one token per row from the nucleus of softmax(logits / temperature).

    logits: (..., V), float16, float32 or float64; not changed
    temperature: above 0
    generator: the only source of randomness; None: torch's global random state
    returns: (...), int64, on the device of the logits

    ValueError: p outside (0, 1], or temperature <= 0.
    """
    raise NotImplementedError
