"""What one case came to: its outcome, and for a verdict the words and numbers that belong to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from grader.judge.bench import (
    CaseCrashed,
    CaseFailed,
    CaseRefused,
    CaseTimedOut,
    OurFault,
    Traced,
)
from grader.judge.compare import Mismatch
from grader.judge.describe import inputs, numbers
from grader.verdict import Case, Level, Outcome

OUTCOMES: tuple[tuple[type[BaseException], Outcome], ...] = (
    (CaseRefused, Outcome.REFUSED),
    (CaseTimedOut, Outcome.TIMEOUT),
    (CaseCrashed, Outcome.CRASHED),
    (CaseFailed, Outcome.FAILED),
    (Mismatch, Outcome.FAILED),
)


@dataclass(frozen=True, slots=True)
class Result:
    """A case that ran: the calls it made, and what went wrong."""

    item: pytest.Item
    problem: BaseException | None
    trace: tuple[Traced, ...]
    arguments: dict[str, Any]  # of the last call
    seconds: float

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def outcome(self) -> Outcome:
        problem = self.problem
        if problem is None:
            # a case that reached no attempt proves nothing
            return Outcome.PASSED if self.trace else Outcome.BROKEN
        for kind, outcome in OUTCOMES:
            if isinstance(problem, kind):
                return outcome
        if isinstance(problem, OurFault) or not self.trace:
            return Outcome.BROKEN
        return Outcome.FAILED

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    def case(self, output: str = "") -> Case:
        """For a verdict: in words, with what went in and what came out."""
        return Case(
            name=self.name,
            claim=claim_of(self.item),
            level=level_of(self.item),
            outcome=self.outcome,
            seconds=round(self.seconds, 5),
            message=_message(self),
            output=output,
            details=_details(self),
            asks=asks_of(self.item),
        )


class BadSuite(OurFault):
    """A suite that breaks its own rules."""


def _message(result: Result) -> str:
    problem = result.problem
    if problem is None:
        return "" if result.passed else "the case reached no attempt: it proves nothing"
    if result.outcome is Outcome.BROKEN:
        return f"{type(problem).__name__}: {problem}"
    if isinstance(problem, AssertionError | pytest.fail.Exception | pytest.skip.Exception):
        return str(problem) or "the claim does not hold"
    # the suite tripped over what the attempt returned
    return f"returns a value that cannot be used: {type(problem).__name__}: {problem}"


def _details(result: Result) -> dict[str, Any]:
    problem = result.problem
    if problem is None or result.outcome is Outcome.BROKEN:
        return {}
    details: dict[str, Any] = {"input": inputs(result.arguments)}
    if isinstance(problem, Mismatch):
        details |= {"got": problem.got, "want": problem.want}
        details |= _numbers(problem, result.arguments)
    return details


def _numbers(problem: Mismatch, arguments: dict[str, Any]) -> dict[str, Any]:
    """What pictures are drawn from: all that was compared, or where too large, what differs."""
    for got, want in reversed(problem.values):
        found = {"got_values": numbers(got), "want_values": numbers(want)}
        if None not in found.values():
            given = {key: numbers(value) for key, value in arguments.items()}
            small = {key: value for key, value in given.items() if value is not None}
            return found | {"input_values": small}
    return {}


def level_of(item: pytest.Item) -> Level:
    marks = [mark.args[0] for mark in item.iter_markers("level")]
    if len(marks) != 1 or marks[0] not in tuple(Level):
        raise BadSuite(f"{item.name} needs one @level of {', '.join(Level)}")
    return Level(marks[0])


def asks_of(item: pytest.Item) -> tuple[str, ...]:
    return tuple(ask for mark in item.iter_markers("asks") for ask in mark.args)


def claim_of(item: pytest.Item) -> str:
    """The case in words: the first line of its docstring, else its name."""
    words = (function(item).__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return words or item.name.removeprefix("test_").replace("_", " ")


def function(item: pytest.Item) -> Callable[..., None]:
    return item.obj  # type: ignore[attr-defined, no-any-return]
