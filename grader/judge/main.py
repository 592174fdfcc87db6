"""One check, from the request to the verdict.  Forked from the warm process; dies with its check."""

import os
import socket
import time
from dataclasses import asdict, replace
from typing import Any

from grader import catalogue
from grader.judge.bench import Bench, CaseRefused
from grader.judge.diagnosis import Diagnosis, bench_of
from grader.judge.remote import ExportsMissing, ImportFailed, Remote
from grader.judge.suite import Result, Suite, claim_of, level_of, run_case
from grader.probing.scan import first_forbidden
from grader.verdict import Conclusion, Mistake, Outcome, Verdict, conclude
from grader.wire import control
from grader.wire.protocol import Load


def judge(request: dict[str, Any], channel: control.Channel, supervisor: socket.socket) -> None:
    """Grade, and tell the supervisor: `planned`, a `case` each, then `verdict`."""
    session = _Session(request, channel, supervisor)
    session.remote.order_ahead()
    suite = Suite(session.kata, session.flavour, session.device, request["select"])
    suite.collect()
    if not suite.problem:
        session.run(suite)
    control.send(supervisor, "verdict", verdict=session.verdict(suite).to_json())


class _Session:
    def __init__(
        self, request: dict[str, Any], channel: control.Channel, supervisor: socket.socket
    ):
        self.begun = time.monotonic()
        self.request = request
        self.kata = catalogue.find(request["kata"])
        self.flavour: str = request["flavour"]
        self.device: str = request["device"]
        self.supervisor = supervisor
        self.results: list[Result] = []
        self.diagnosis: list[Mistake] = []
        self.expected = 0
        self.remote = Remote(
            self.order(),
            self.kata.limits,
            supervisor,
            channel,
            check_deadline=self.begun + self.kata.limits.check_seconds,
        )

    def order(self) -> Load:
        return Load(
            source=self.request["source"],
            filename=self.request["filename"],
            probes=(self.kata.folder / "probes.py").read_text("utf-8"),
            flavour="numpy" if self.flavour == "numpy" else "torch",
            device=self.device,
            exports=list(self.kata.exports),
            forbidden=list(self.kata.forbidden),
        )

    def run(self, suite: Suite) -> None:
        """Every case on the attempt, then what the failures look like."""
        self.expected = len(suite.items)
        control.send(
            self.supervisor,
            "planned",
            cases=[item.name for item in suite.items],
            claims=[claim_of(item) for item in suite.items],
            levels=[level_of(item) for item in suite.items],
        )
        truth = bench_of(self.kata, self.kata.solution(self.flavour), self.flavour, guarded=False)
        subject = Bench(self.remote, self.flavour, self.device)
        self.refuse_early()
        for item in suite.items:
            self.remote.begin_case()
            self.report(run_case(item, subject, truth))
        if self.can_be_named():
            self.diagnosis = Diagnosis(suite, self.results, truth).name()

    def can_be_named(self) -> bool:
        """A part of the suite is not evidence enough: two mistakes may look alike in it.

        Nor is an attempt that never ran: it gave no numbers.
        """
        failed = any(not result.case.passed for result in self.results)
        return failed and self.remote.load_error is None and not self.request["select"]

    def refuse_early(self) -> None:
        """A forbidden call that the source shows is refused before anything runs."""
        order = self.remote.order
        try:
            found = first_forbidden(order.source, tuple(order.forbidden), tuple(order.exports))
        except (SyntaxError, RecursionError, MemoryError, ValueError) as problem:
            self.remote.load_error = ImportFailed(f"cannot be read: {problem}")
            return
        if found:
            self.remote.load_error = CaseRefused(f"{found} is forbidden in this kata")

    @property
    def unloadable(self) -> bool:
        return isinstance(self.remote.load_error, ImportFailed | ExportsMissing)

    def report(self, result: Result) -> None:
        result = replace(result, case=replace(result.case, output=self.remote.take_output()))
        self.results.append(result)
        case = result.case
        control.send(
            self.supervisor, "case", name=case.name, outcome=case.outcome, case=asdict(case)
        )

    def verdict(self, suite: Suite) -> Verdict:
        cases = [result.case for result in self.results]
        outcome = conclude(cases, self.expected)
        broken = [case for case in cases if case.outcome is Outcome.BROKEN]
        error = suite.problem or (f"{broken[0].name}: {broken[0].message}" if broken else "")
        return Verdict(
            kata=self.kata.slug,
            flavour=self.flavour,
            device=self.device,
            outcome=Conclusion.BROKEN if suite.problem else outcome,
            seconds=time.monotonic() - self.begun,
            cases=tuple(cases),
            diagnosis=tuple(self.diagnosis),
            error=str(self.remote.load_error) if self.unloadable else error,
            selected=bool(self.request["select"]),
        )


def main(request: dict[str, Any], channel: control.Channel, supervisor: socket.socket) -> None:
    """Never returns: the fork ends here, whatever happens."""
    code = 1
    try:
        judge(request, channel, supervisor)
        code = 0
    except Exception as problem:  # the supervisor turns it into a broken verdict
        control.send(supervisor, "broken", error=f"{type(problem).__name__}: {problem}")
        if "KATA_DEBUG" in os.environ:
            raise
    finally:
        os._exit(code)
