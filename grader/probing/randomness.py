"""The global random states: seeded before every call, and looked at after it."""

import random

import numpy as np
import torch

SEED = 0


def seed() -> None:
    """Every global generator as it is after seeding."""
    # not torch.manual_seed: it formats a stack trace for CUDA each time, which costs more than a case
    torch.default_generator.manual_seed(SEED)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(SEED)
    np.random.seed(SEED)
    random.seed(SEED)


def moved() -> list[str]:
    """Which of them are no longer as `seed` left them."""
    names = []
    if not torch.equal(torch.default_generator.get_state(), _TORCH):
        names.append("torch")
    if torch.cuda.is_initialized() and not torch.equal(torch.cuda.get_rng_state(), _cuda_seeded()):
        names.append("torch.cuda")
    if _numpy_state() != _NUMPY:
        names.append("numpy")
    if random.getstate() != _PYTHON:
        names.append("random")
    return names


def _numpy_state() -> tuple[bytes, int]:
    _, key, position, *_ = np.random.get_state()
    return np.asarray(key).tobytes(), int(position)


def _cuda_seeded() -> torch.Tensor:
    return torch.Generator("cuda").manual_seed(SEED).get_state()


seed()
_TORCH = torch.default_generator.get_state()
_NUMPY = _numpy_state()
_PYTHON = random.getstate()
