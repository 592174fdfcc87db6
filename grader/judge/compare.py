"""`close`: are these the numbers?  And if not, in which way, in words."""

import math
from collections.abc import Callable
from typing import Any

import torch

from grader.judge.describe import short

# (rtol, atol) by dtype; an accelerator sums in another order and, for float32, may round more
TOLERANCES = {
    torch.float64: (1e-7, 1e-9),
    torch.float32: (1e-4, 1e-5),
    torch.float16: (5e-3, 5e-3),
    torch.bfloat16: (2e-2, 2e-2),
    torch.complex64: (1e-4, 1e-5),
    torch.complex128: (1e-7, 1e-9),
}
ON_ACCELERATOR = 10.0


class Mismatch(AssertionError):
    """The attempt's value is not the wanted one.  The words are made when somebody reads them."""

    def __init__(self, words: Callable[[], str], got: Any, want: Any) -> None:
        super().__init__()
        self._words = words
        self.values = [(got, want)]  # what differs; then what it is a part of

    def __str__(self) -> str:
        return self._words()

    @property
    def got(self) -> str:
        return short(self.values[0][0])

    @property
    def want(self) -> str:
        return short(self.values[0][1])


class Closeness:
    """Tolerances, and the place in a nested value that is being compared."""

    def __init__(
        self,
        rtol: float | None = None,
        atol: float | None = None,
        *,
        nan_equal: bool = False,
        dtype: bool = True,
        slack: float = 1.0,
        lenient_scalars: bool = False,
        inputs: torch.dtype | None = None,
    ) -> None:
        self.rtol = rtol
        self.atol = atol
        self.nan_equal = nan_equal
        self.dtype = dtype
        self.slack = slack
        self.lenient_scalars = lenient_scalars  # NumPy: a Python number may stand for a 0-d array
        self.inputs = inputs  # what the values were computed from: they are no more exact than that

    def compare(self, got: Any, want: Any, where: str) -> None:
        """Raise Mismatch unless `got` is `want`."""
        if isinstance(want, torch.Tensor):
            self.tensors(self.as_tensor(got, want, where), want, where)
        elif type(got) is not type(want) and not (_number(got) and _number(want)):
            raise _mismatch(where, f"is {_kind(got)}, not {_kind(want)}", got, want)
        elif isinstance(want, dict):
            self.tables(got, want, where)
        elif isinstance(want, list | tuple):
            self.sequences(got, want, where)
        elif isinstance(want, float) and isinstance(got, float):
            one, other = (torch.tensor(value, dtype=torch.float64) for value in (got, want))
            self.tensors(one, other, where)
        elif got != want:
            raise _mismatch(where, "differs", got, want)

    def as_tensor(self, got: Any, want: torch.Tensor, where: str) -> torch.Tensor:
        if self.lenient_scalars and _number(got) and want.dim() == 0:
            return torch.tensor(got, dtype=want.dtype)
        if not isinstance(got, torch.Tensor):
            raise _mismatch(where, f"is {_kind(got)}, not a tensor", got, want)
        return got

    def tables(self, got: dict[Any, Any], want: dict[Any, Any], where: str) -> None:
        missing = [key for key in want if key not in got]
        extra = [key for key in got if key not in want]
        if missing or extra:
            words = [f"lacks {missing}" if missing else "", f"has also {extra}" if extra else ""]
            raise _mismatch(where, " and ".join(filter(None, words)), got, want)
        for key in want:
            self.compare(got[key], want[key], f"{where}[{key!r}]")

    def sequences(self, got: Any, want: Any, where: str) -> None:
        if len(got) != len(want):
            raise _mismatch(where, f"has {len(got)} items, not {len(want)}", got, want)
        for index, (one, other) in enumerate(zip(got, want, strict=True)):
            self.compare(one, other, f"{where}[{index}]")

    def tensors(self, got: torch.Tensor, want: torch.Tensor, where: str) -> None:
        if got.shape != want.shape:
            shapes = f"has shape {tuple(got.shape)}, not {tuple(want.shape)}"
            raise _mismatch(where, lambda: shapes + _transposed(got, want), got, want)
        if self.dtype and got.dtype != want.dtype:
            raise _mismatch(where, f"has dtype {_dtype(got)}, not {_dtype(want)}", got, want)
        wrong = self.wrong(got, want)
        if wrong.any():
            raise _mismatch(where, lambda: _difference(got, want, wrong), got, want)

    def wrong(self, got: torch.Tensor, want: torch.Tensor) -> torch.Tensor:
        """Which entries are not close enough."""
        if not (want.is_floating_point() or want.is_complex()):
            return got.to(want.dtype) != want if got.dtype == want.dtype else got != want
        rtol, atol = max(TOLERANCES[want.dtype], TOLERANCES[self.inputs or want.dtype])
        rtol = rtol * self.slack if self.rtol is None else self.rtol
        atol = atol * self.slack if self.atol is None else self.atol
        wide = torch.complex128 if want.is_complex() else torch.float64
        return ~torch.isclose(
            got.to(wide), want.to(wide), rtol=rtol, atol=atol, equal_nan=self.nan_equal
        )


def _mismatch(where: str, words: str | Callable[[], str], got: Any, want: Any) -> Mismatch:
    return Mismatch(lambda: f"{where}: {words if isinstance(words, str) else words()}", got, want)


def _difference(got: torch.Tensor, want: torch.Tensor, wrong: torch.Tensor) -> str:
    """NaN and Inf first, then how many, the worst place, and what it looks like."""
    if got.is_complex() or want.is_complex() or not got.numel():
        return "differs"
    one, other = got.double(), want.double()
    parts = []
    for name, test in (("NaN", torch.isnan), ("Inf", torch.isinf)):
        had, due = int(test(one).sum()), int(test(other).sum())
        if had != due:
            parts.append(f"has {had} {name} where {due} are right")
    share = f"{int(wrong.sum())} of {wrong.numel()} entries differ"
    gap = torch.where(wrong, (one - other).abs(), torch.zeros_like(one))
    gap = torch.where(gap.isfinite(), gap, torch.full_like(gap, -1.0))
    index = tuple(int(i) for i in torch.unravel_index(gap.argmax(), gap.shape)) if gap.dim() else ()
    if gap.max() <= 0:  # only NaN or Inf is wrong: point at the first such entry
        index = tuple(int(i) for i in wrong.nonzero()[0])
    place = f" at {list(index)}" if index else ""
    values = f"{_value(got[index])}, not {_value(want[index])}"
    parts.append(f"is {values}" if not index else f"{share}; the worst{place} is {values}")
    if resemblance := _resemblance(one, other, wrong):
        parts.append(f"it looks {resemblance}")
    return "; ".join(parts)


def _resemblance(got: torch.Tensor, want: torch.Tensor, wrong: torch.Tensor) -> str:
    if got.numel() < 2 or not got.isfinite().all() or not want.isfinite().all():
        return ""
    if _near(got, -want):
        return "right but for the sign"
    if got.dim() == 2 and got.shape[0] == got.shape[1] and _near(got, want.T):
        return "transposed"
    pairs = want.abs() > 1e-6 * want.abs().max()
    ratios = (got / want)[pairs]
    if len(ratios) > 1 and _near(ratios, ratios[0].expand_as(ratios)) and ratios[0] != 0:
        return f"right but for a factor of {float(ratios[0]):.4g}"
    if _near(got - want, (got - want).flatten()[0].expand_as(got)):
        return f"right but for an added {float((got - want).flatten()[0]):.4g}"
    if got.dim() >= 1 and got.shape[0] > 1:
        rows = wrong.reshape(len(wrong), -1).any(1)
        if not rows[:-1].any():
            return "right but for the last row"
        if rows[0] and not rows[1:].any():
            return "right but for the first row"
        if not rows.all() and rows.sum() * 2 <= len(rows):
            return f"right but for rows {rows.nonzero().flatten().tolist()[:6]}"
        if _permuted(got, want):
            return "as if the rows were in another order"
    return ""


def _permuted(got: torch.Tensor, want: torch.Tensor) -> bool:
    one, other = (t.reshape(len(t), -1) for t in (got, want))
    if len(one) > 64:
        return False
    hits = torch.isclose(one[:, None], other[None], rtol=1e-4, atol=1e-6).all(-1)
    return bool(hits.any(0).all() and hits.any(1).all())


def _near(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool(torch.allclose(one, other, rtol=1e-3, atol=1e-6))


def _transposed(got: torch.Tensor, want: torch.Tensor) -> str:
    if got.dim() == 2 and tuple(got.shape) == tuple(want.shape)[::-1]:
        return " (the transpose?)"
    return " (a size-one axis too many?)" if _squeezed(got) == _squeezed(want) else ""


def _squeezed(tensor: torch.Tensor) -> tuple[int, ...]:
    return tuple(size for size in tensor.shape if size != 1)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(entry: torch.Tensor) -> str:
    value = entry.item()
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else str(value)
    return str(value)


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return f"a tensor {_dtype(value)}{list(value.shape)}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
