"""Values as short text for people, and as numbers for pictures: what went in, what came out."""

import math
from typing import Any

import torch

WIDEST = 600
MOST_NUMBERS = 400


class Name(str):
    """A text that stands for itself, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def inputs(arguments: dict[str, Any]) -> str:
    """The arguments of a call, one a line."""
    return "\n".join(f"{key} = {short(value)}" for key, value in arguments.items())


def short(value: Any) -> str:
    """A value in at most a few lines; a large tensor by its shape, range and first entries."""
    text = _text(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 2] + " …"


def _text(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return _tensor(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        opening, closing = ("[", "]") if isinstance(value, list) else ("(", ")")
        return opening + ", ".join(_text(item) for item in value) + closing
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _tensor(tensor: torch.Tensor) -> str:
    name = f"{str(tensor.dtype).removeprefix('torch.')}{list(tensor.shape)}"
    if tensor.numel() == 0:
        return f"{name} (empty)"
    if tensor.numel() <= 12:
        return f"{name} {_entries(tensor)}"
    head = ", ".join(_entry(entry) for entry in tensor.flatten()[:6])
    if not tensor.is_floating_point():
        return f"{name} [{head}, …]"
    nan = int(tensor.isnan().sum())
    finite = tensor[tensor.isfinite()].double()
    span = f" {float(finite.min()):.4g} … {float(finite.max()):.4g}" if finite.numel() else ""
    return f"{name}{span}{f', {nan} NaN' if nan else ''} [{head}, …]"


def _entries(tensor: torch.Tensor) -> str:
    if tensor.dim() == 0:
        return _entry(tensor)
    return "[" + ", ".join(_entries(row) for row in tensor) + "]"


def _entry(entry: torch.Tensor) -> str:
    value = entry.item()
    return f"{value:.5g}" if isinstance(value, float) else str(value)


class _TooMuch(Exception):
    """More than a picture can show, or nothing that JSON has a form for."""


def numbers(value: Any) -> Any:
    """A value as plain JSON, tensors as nested lists to 5 digits; None when it is too large."""
    try:
        return _plain(value, [MOST_NUMBERS])
    except _TooMuch:
        return None


def _plain(value: Any, room: list[int]) -> Any:
    if isinstance(value, torch.Tensor):
        room[0] -= value.numel()
        if room[0] < 0 or value.is_complex() or value.is_meta:
            raise _TooMuch
        return _rounded(value.tolist())
    room[0] -= 1
    if room[0] < 0:
        raise _TooMuch
    if isinstance(value, dict):
        return {str(key): _plain(item, room) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, room) for item in value]
    if not isinstance(value, str | int | float | None):
        raise _TooMuch
    return _rounded(value)


def _rounded(value: Any) -> Any:
    """JSON has no NaN and no Inf: they are texts."""
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if not isinstance(value, float):
        return value
    return float(f"{value:.5g}") if math.isfinite(value) else str(value)
