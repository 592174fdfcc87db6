"""Cases in this very process, so that `breakpoint()` works.  For a learner's own eyes: no verdict."""

import os
import pdb
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.catalogue import Kata
from grader.errors import BadAttempt, GraderError
from grader.judge.answers import load_of, setup_of, truth_of
from grader.judge.bench import Bench, Here
from grader.judge.remote import ExportsMissing, ImportFailed
from grader.judge.results import claim_of
from grader.judge.suite import Suite, run_case
from grader.verdict import Case
from grader.wire.protocol import Call, Load, Raised, Reply, Setup

LEFT = ("bdb.BdbQuit", "builtins.KeyboardInterrupt")  # by the person, not by the attempt


def run_here(
    kata: Kata, attempt: Path, flavour: str, select: str, begin: Callable[[str], None]
) -> Iterator[Case]:
    """Run the cases that contain `select` on the attempt, without sandbox, limits or record.

    Leaving the debugger, or Ctrl-C, ends it all with KeyboardInterrupt.
    """
    suite = Suite(kata, flavour, "cpu")
    suite.collect()
    suite.choose(select)
    if not suite.items:
        raise GraderError(
            f"No case of {kata.slug} matches -k {select!r}.\nTry: kata check {kata.slug} --all"
        )
    if not os.environ.get("PYTHONBREAKPOINT"):
        sys.breakpointhook = _stop
    runner = _loaded(attempt, setup_of(kata, flavour))
    truth = truth_of(kata, flavour)
    for item in suite.items:
        begin(claim_of(item))
        yield run_case(item, Bench(runner, flavour, "cpu"), truth).case()


class _Attended(Here):
    """An attempt whose calls a person may break off."""

    def __init__(self, setup: Setup, load: Load) -> None:
        super().__init__(setup, load)
        _leave(self.loaded.raised)

    def call(self, call: Call) -> Reply:
        reply = super().call(call)
        _leave(reply.raised)
        return reply


class _Debugger(pdb.Pdb):
    """Python's own, but Ctrl-C at its prompt leaves it."""

    def cmdloop(self, intro: str | None = None) -> None:
        try:
            super().cmdloop(intro)
        except KeyboardInterrupt:
            self.do_quit("")


def _stop() -> None:
    """What breakpoint() calls."""
    _Debugger().set_trace(sys._getframe().f_back)


def _leave(raised: Raised | None) -> None:
    if raised is not None and raised.types[0] in LEFT:
        raise KeyboardInterrupt


def _loaded(attempt: Path, setup: Setup) -> Here:
    runner = _Attended(setup, load_of(attempt))
    if runner.loaded.raised is not None:
        raise BadAttempt(f"{attempt} {ImportFailed(runner.loaded)}")
    if runner.loaded.missing:
        raise BadAttempt(f"{attempt} {ExportsMissing(runner.loaded.missing)}")
    return runner
