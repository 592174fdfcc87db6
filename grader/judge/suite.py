"""The pytest plugin that runs a suite: fixtures that reach an attempt, and one report a case."""

import contextlib
import io
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from grader.catalogue import Kata
from grader.judge.bench import Bench, OurFault, Probe
from grader.judge.results import Result, claim_of, function
from grader.judge.tools import Tools

QUIET = (
    *("--noconftest", "--assert=plain", "--import-mode=importlib", f"-c{os.devnull}"),
    *("-pno:cacheprovider", "-pno:faulthandler", "-pno:logging", "-pno:capture", "-pno:doctest"),
    *("-pno:unittest", "-pno:junitxml", "-pno:warnings", "-pno:terminal", "-pno:pastebin"),
    *("-pno:threadexception", "-pno:unraisableexception", "-pno:stepwise", "-pno:setuponly"),
)


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
        function(item)(**_fixtures(item, subject, truth))
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as raised:
        problem = raised
    seconds = time.perf_counter() - start
    return Result(item, problem, tuple(subject.trace), subject.last_arguments, seconds)


def _fixtures(item: pytest.Item, subject: Bench, truth: Bench) -> dict[str, Any]:
    tools = Tools(subject)
    known = {
        "probe": _Truth(truth) if subject is truth else Probe(subject),
        "truth": _Truth(truth),
        "close": tools.close,
        "raises": tools.raises,
        "check": tools.check,
        "flavour": subject.flavour,
    }
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    names = getattr(item, "_fixtureinfo").argnames  # noqa: B009  (pytest keeps it private)
    return {name: parameters[name] if name in parameters else known[name] for name in names}


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
