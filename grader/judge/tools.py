"""The fixtures of a suite beside `probe` and `truth`: close, raises, check."""

from collections.abc import Callable
from typing import Any

from grader.judge.bench import AttemptRaised, Bench, CaseFailed
from grader.judge.compare import ON_ACCELERATOR, Closeness, Mismatch
from grader.judge.describe import Name


class Tools:
    """Bound to one subject, whose device and flavour they heed."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def close(
        self,
        got: Any,
        want: Any,
        rtol: float | None = None,
        atol: float | None = None,
        nan_equal: bool = False,
        dtype: bool = True,
        what: str = "",
    ) -> None:
        """Raise Mismatch unless `got` is `want` within the tolerance of its dtype and device."""
        closeness = Closeness(
            rtol,
            atol,
            nan_equal=nan_equal,
            dtype=dtype,
            slack=1.0 if self.bench.device == "cpu" else ON_ACCELERATOR,
            lenient_scalars=self.bench.flavour == "numpy",
        )
        try:
            closeness.compare(got, want, what or "the result")
        except Mismatch as problem:
            problem.values.append((got, want))
            raise

    def raises(
        self, error: type | tuple[type, ...], probe: Callable[..., Any], **arguments: Any
    ) -> None:
        """The attempt has to raise `error`, or a subclass of it."""
        errors = error if isinstance(error, tuple) else (error,)
        names = {f"{kind.__module__}.{kind.__qualname__}" for kind in errors}
        due = " or ".join(kind.__name__ for kind in errors)
        try:
            got = probe(**arguments)
        except AttemptRaised as problem:
            if names & set(problem.raised.types):
                return
            raise CaseFailed(f"should raise {due}, but {problem}") from None
        raise Mismatch(lambda: f"should raise {due}, but returns", got, Name(due))

    def check(self, condition: object, message: str) -> None:
        if not bool(condition):
            raise CaseFailed(message)
