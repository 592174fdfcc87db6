"""The numbers in a failed case, as pictures need them."""

import math
from collections.abc import Iterator
from typing import Any

Grid = list[list[float]]


def is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or value in ("nan", "inf", "-inf")


def is_vector(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(is_number(item) for item in value)


def is_matrix(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(is_vector(row) and len(row) == len(value[0]) for row in value)
    )


def vector(value: list[Any]) -> list[float]:
    return [float(item) for item in value]


def matrix(value: list[Any]) -> Grid:
    return [vector(row) for row in value]


def differ(one: float, other: float) -> bool:
    """Told apart on a picture; NaN is only like NaN."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) != math.isnan(other)
    if math.isinf(one) or math.isinf(other):
        return one != other
    return abs(one - other) > 1e-4 * max(abs(one), abs(other)) + 1e-6


def gap(one: Any, other: Any) -> float:
    """How far two nested values are apart; infinite where they have not the same form."""
    if is_number(one) and is_number(other):
        first, second = float(one), float(other)
        if not differ(first, second):
            return 0.0
        return abs(first - second) if math.isfinite(first - second) else math.inf
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max((gap(a, b) for a, b in zip(one, other, strict=True)), default=0.0)
    return 0.0 if one == other else math.inf


def pairs(got: Any, want: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each tensor of two nested values, beside its partner, with its place in words."""
    if is_matrix(want) or is_vector(want):
        yield where, got, want
    elif isinstance(want, dict) and isinstance(got, dict):
        for key in want:
            if key in got:
                yield from pairs(got[key], want[key], f"{where}[{key!r}]")
    elif isinstance(want, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip(got, want, strict=False)):
            yield from pairs(one, other, f"{where}[{index}]")


def flat(value: Any) -> list[float]:
    """All numbers of a nested list, row by row."""
    if isinstance(value, list):
        return [number for item in value for number in flat(item)]
    return [float(value)] if is_number(value) else []
