"""One check, made ready before the attempt comes.  Forked from the warm process; dies with its check."""

import gc
import os
import socket
import time
from dataclasses import asdict
from typing import Any

from grader import catalogue
from grader.authoring.header import read_wrong_answer
from grader.judge.answers import setup_of, truth_of
from grader.judge.bench import Bench, CaseRefused
from grader.judge.diagnosis import Diagnosis
from grader.judge.remote import ExportsMissing, ImportFailed, Remote
from grader.judge.results import Result, claim_of, level_of
from grader.judge.suite import Suite, run_case
from grader.probing.scan import first_forbidden
from grader.verdict import Case, Conclusion, Mistake, Outcome, Verdict, conclude
from grader.wire import control, frames
from grader.wire.protocol import Load


def judge(plan: dict[str, Any], channel: control.Channel, supervisor: socket.socket) -> None:
    """Get ready for the kata, wait for an attempt, grade it: `planned`, a `case` each, `verdict`."""
    session = _Session(plan, channel, supervisor)
    session.get_ready()
    session.grade(control.receive(supervisor))


class _Session:
    def __init__(self, plan: dict[str, Any], channel: control.Channel, supervisor: socket.socket):
        self.kata = catalogue.find(plan["kata"])
        self.flavour: str = plan["flavour"]
        self.device: str = plan["device"]
        self.supervisor = supervisor
        self.suite = Suite(self.kata, self.flavour, self.device)
        setup = setup_of(self.kata, self.flavour, self.device)
        self.remote = Remote(setup, self.kata.limits, supervisor, channel)
        self.results: list[Result] = []
        self.cases: list[Case] = []
        self.diagnosis: list[Mistake] = []
        self.expected = 0
        self.selected = False

    def get_ready(self) -> None:
        """All that needs no attempt: the cases found, and their wanted values computed."""
        self.remote.set_up()
        self.suite.collect()
        self.truth = truth_of(self.kata, self.flavour)
        for item in self.suite.items:
            run_case(item, self.truth, self.truth)  # what fails here will say so when it counts
        self.known = [read_wrong_answer(path) for path in self.kata.wrong_answers()]
        gc.freeze()  # what is here stays; the collector need not look at it again

    def grade(self, order: dict[str, Any]) -> None:
        self.begun = time.monotonic()
        self.remote.check_deadline = self.begun + self.kata.limits.check_seconds
        self.remote.order = Load(order["source"], order["filename"])
        self.selected = bool(order["select"])
        self.suite.choose(order["select"])
        if not self.suite.problem:
            self.remote.load_ahead()
            self.run()
        control.send(self.supervisor, "verdict", verdict=self.verdict().to_json())

    def run(self) -> None:
        """Every case on the attempt, then what the failures look like."""
        items = self.suite.items
        self.expected = len(items)
        control.send(
            self.supervisor,
            "planned",
            cases=[item.name for item in items],
            claims=[claim_of(item) for item in items],
            levels=[level_of(item) for item in items],
        )
        subject = Bench(self.remote, self.flavour, self.device)
        self.refuse_early()
        for item in items:
            self.remote.begin_case()
            self.report(run_case(item, subject, self.truth))
        if self.can_be_named():
            diagnosis = Diagnosis(self.suite, self.results, self.truth, self.known)
            self.diagnosis = diagnosis.name()

    def can_be_named(self) -> bool:
        """A part of the suite is not evidence enough: two mistakes may look alike in it.

        Nor is an attempt that never ran: it gave no numbers.
        """
        failed = any(not result.passed for result in self.results)
        return failed and self.remote.load_error is None and not self.selected

    def refuse_early(self) -> None:
        """A forbidden call that the source shows is refused before anything runs."""
        source, kata = self.remote.order.source, self.kata
        try:
            found = first_forbidden(source, kata.forbidden, kata.exports)
        except (SyntaxError, RecursionError, MemoryError, ValueError) as problem:
            self.remote.load_error = ImportFailed(f"cannot be read: {problem}")
            return
        if found:
            self.remote.load_error = CaseRefused(f"{found} is forbidden in this kata")

    @property
    def unloadable(self) -> bool:
        return isinstance(self.remote.load_error, ImportFailed | ExportsMissing)

    def report(self, result: Result) -> None:
        case = result.case(self.remote.take_output())
        self.results.append(result)
        self.cases.append(case)
        control.send(
            self.supervisor, "case", name=case.name, outcome=case.outcome, case=asdict(case)
        )

    def verdict(self) -> Verdict:
        outcome = conclude(self.cases, self.expected)
        broken = [case for case in self.cases if case.outcome is Outcome.BROKEN]
        error = self.suite.problem or (f"{broken[0].name}: {broken[0].message}" if broken else "")
        return Verdict(
            kata=self.kata.slug,
            flavour=self.flavour,
            device=self.device,
            outcome=Conclusion.BROKEN if self.suite.problem else outcome,
            seconds=time.monotonic() - self.begun,
            cases=tuple(self.cases),
            diagnosis=tuple(self.diagnosis),
            error=str(self.remote.load_error) if self.unloadable else error,
            selected=self.selected,
        )


def main(plan: dict[str, Any], channel: control.Channel, supervisor: socket.socket) -> None:
    """Never returns: the fork ends here, whatever happens."""
    code = 1
    try:
        judge(plan, channel, supervisor)
        code = 0
    except frames.Closed:
        pass  # the supervisor is gone, or never had an attempt for us
    except Exception as problem:  # the supervisor turns it into a broken verdict
        control.send(supervisor, "broken", error=f"{type(problem).__name__}: {problem}")
        if "KATA_DEBUG" in os.environ:
            raise
    finally:
        os._exit(code)
