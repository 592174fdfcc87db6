"""The pytest plugin that runs a suite: fixtures that reach an attempt, and one report a case."""

import contextlib
import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from grader.catalogue import Kata
from grader.judge.bench import (
    Bench,
    CaseCrashed,
    CaseFailed,
    CaseRefused,
    CaseTimedOut,
    OurFault,
    Probe,
    Tools,
    Traced,
)
from grader.judge.compare import Mismatch
from grader.judge.describe import inputs, numbers
from grader.verdict import Case, Level, Outcome

QUIET = (
    *("--noconftest", "--assert=plain", "--import-mode=importlib", f"-c{os.devnull}"),
    *("-pno:cacheprovider", "-pno:faulthandler", "-pno:logging", "-pno:capture", "-pno:doctest"),
    *("-pno:unittest", "-pno:junitxml", "-pno:warnings", "-pno:terminal", "-pno:pastebin"),
    *("-pno:threadexception", "-pno:unraisableexception", "-pno:stepwise", "-pno:setuponly"),
)

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


class Suite:
    """A pytest plugin.  `run` collects once; the items can then be run again on other subjects."""

    def __init__(self, kata: Kata, flavour: str, device: str) -> None:
        self.kata = kata
        self.flavour = flavour
        self.device = device
        self.items: list[pytest.Item] = []
        self.problem = ""  # why there is nothing to run, or not all of it

    def collect(self) -> None:
        """Have pytest find the cases; they are run by `run_case`, on any subject and more than once."""
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        noise = io.StringIO()
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            args = [*QUIET, f"--rootdir={self.kata.reference}", str(self.kata.suite)]
            code = pytest.main(args, plugins=[self])
        if not self.items:
            self.problem = self.problem or f"no case to run (pytest says {code!r})"

    def choose(self, text: str) -> None:
        """Keep only the cases whose name or claim contains this text."""
        wanted = text.lower()
        self.items = [
            item
            for item in self.items
            if wanted in item.name.lower() or wanted in claim_of(item).lower()
        ]
        if not self.items:
            self.problem = self.problem or f"no case contains {text!r}"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = f"the suite cannot be imported: {report.longrepr}"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._applies(item)]
        self.items = list(items)

    def _applies(self, item: pytest.Item) -> bool:
        flavours = [flavour for mark in item.iter_markers("flavour") for flavour in mark.args]
        return not flavours or self.flavour in flavours

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool:
        return True  # collecting was all


def run_case(item: pytest.Item, subject: Bench, truth: Bench) -> Result:
    """Call the case's function with its fixtures bound to this subject."""
    subject.begin_case()
    truth.begin_case()
    start = time.perf_counter()
    problem: BaseException | None = None
    try:
        _function(item)(**_fixtures(item, subject, truth))
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as raised:
        problem = raised
    seconds = time.perf_counter() - start
    return Result(item, problem, tuple(subject.trace), subject.last_arguments, seconds)


def _fixtures(item: pytest.Item, subject: Bench, truth: Bench) -> dict[str, Any]:
    tools = Tools(subject)
    known = {
        "probe": Probe(subject),
        "truth": _Truth(truth),
        "close": tools.close,
        "raises": tools.raises,
        "check": tools.check,
        "flavour": subject.flavour,
    }
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    names = getattr(item, "_fixtureinfo").argnames  # noqa: B009  (pytest keeps it private)
    return {name: parameters[name] if name in parameters else known[name] for name in names}


def _function(item: pytest.Item) -> Callable[..., None]:
    return item.obj  # type: ignore[attr-defined, no-any-return]


class _Truth(Probe):
    """The fixture `truth`: what fails here is our fault."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        probe = super().__getattr__(name)

        def ours(**arguments: Any) -> Any:
            try:
                return probe(**arguments)
            except AssertionError as problem:
                raise OurFault(f"the solution fails in {name}: {problem}") from problem

        return ours

    @property
    def on_meta(self) -> "Probe":
        return self

    @property
    def cost(self) -> "Probe":
        return _Truth(self._bench, "cost")


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
    words = (_function(item).__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return words or item.name.removeprefix("test_").replace("_", " ")
