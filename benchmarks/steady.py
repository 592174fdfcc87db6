"""Thousands of checks: does any verdict ever differ from the first, and does anything grow?

`python benchmarks/steady.py --checks 10000 --minutes 60` spreads them over the solutions and, for each
kata, the wrong answer that the fewest cases catch, two at a time.  A tenth of them goes to each of three
PYTHONHASHSEEDs with a warm process of its own, all others to one warm process that lasts to the end.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.memory import descendants
from grader import catalogue, pipeline
from grader.authoring.header import read_wrong_answer
from grader.catalogue import Kata
from grader.verdict import Verdict
from grader.warm import client

SEEDS = ("1", "7", "4242", "0")
AT_ONCE = 2
BURST = 40  # checks between two looks at the resources
SETTLED = 400  # checks after which nothing may grow any more
MOST_GROWTH = 8  # MiB of the warm process, from then on
RESTING_SECONDS = 3.0

Answer = tuple[Path, Kata, str]


@dataclass
class Steady:
    """All checks so far: the first verdict on each answer, and the verdicts that differ from it."""

    first: dict[Path, Any] = field(default_factory=dict)
    done: int = 0
    different: int = 0

    def burst(self, answers: list[Answer]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for (path, _, _), seen in zip(answers, pool.map(_grade, answers), strict=True):
                self.done += 1
                if self.first.setdefault(path, seen) != seen:
                    self.different += 1
                    print(f"DIFFERENT: {path}\n  {self.first[path]}\n  {seen}", flush=True)


@dataclass(frozen=True)
class Resources:
    """What a warm process holds while no check is under way."""

    memory: int  # MiB
    descriptors: int
    processes: int  # those that stand by
    scratch: int  # folders

    def __str__(self) -> str:
        return (
            f"warm process {self.memory} MiB, {self.descriptors} descriptors, "
            f"{self.processes} processes stand by, {self.scratch} scratch folders"
        )


def grew(found: list[Resources]) -> bool:
    """Is the least of the last third more than the most of the first?  At rest they go up and down."""
    third = len(found) // 3
    first, last = found[:third], found[len(found) - third :]
    slack = {"memory": MOST_GROWTH, "descriptors": 0, "processes": 0, "scratch": 0}
    return third > 0 and any(
        min(getattr(one, name) for one in last) > max(getattr(one, name) for one in first) + more
        for name, more in slack.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=0.0)
    options = parser.parse_args()
    steady = Steady()
    order = cycle([one for kata in catalogue.every() for one in _answers(kata)])
    grown = False
    for seed in SEEDS:
        last = seed == SEEDS[-1]
        goal = options.checks if last else steady.done + options.checks // 10
        end = time.monotonic() + 60 * options.minutes if last else 0.0
        with tempfile.TemporaryDirectory() as runtime:
            os.environ.update(PYTHONHASHSEED=seed, XDG_RUNTIME_DIR=runtime, TMPDIR=runtime)
            grown |= _run(steady, order, goal, end)
            client.stop()
    print(
        f"{steady.done} checks of {len(steady.first)} answers: "
        f"{steady.different} verdicts differ from the first; "
        f"{'something grew' if grown else 'nothing grew'}"
    )
    sys.exit(bool(steady.different) or grown)


def _run(steady: Steady, order: Any, goal: int, end: float) -> bool:
    """Bursts until that many checks are done and that moment has come; did anything grow?"""
    begun = steady.done
    settled: list[Resources] = []
    while steady.done < goal or time.monotonic() < end:
        steady.burst([next(order) for _ in range(BURST)])
        found = _resources()
        if steady.done - begun >= SETTLED:
            settled.append(found)
        if steady.done % (10 * BURST) == 0:
            print(f"{time.strftime('%H:%M')}  {steady.done} checks: {found}", flush=True)
    return grew(settled)


def _answers(kata: Kata) -> list[Answer]:
    """Every solution, and the wrong answer with the fewest catchers."""
    found = [(kata.solution(flavour), kata, flavour) for flavour in kata.flavours]
    wrong = [read_wrong_answer(path) for path in kata.wrong_answers()]
    hardest = min(wrong, key=lambda one: (len(one.caught_by), one.name))
    return [*found, (hardest.path, kata, hardest.flavour)]


def _grade(answer: Answer) -> Any:
    path, kata, flavour = answer
    verdict = pipeline.grade(kata, path.read_text("utf-8"), path, flavour, "cpu")
    return _signature(verdict)


def _signature(verdict: Verdict) -> Any:
    """All of a verdict but its times."""
    cases = tuple((case.name, case.outcome, case.message, case.output) for case in verdict.cases)
    return verdict.outcome, cases, verdict.diagnosis, verdict.error


def _resources() -> Resources:
    time.sleep(RESTING_SECONDS)  # until the last check is cleared away and the next one stands by
    facts = client.facts()
    assert facts is not None
    pid = facts["pid"]
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    scratch = Path(os.environ["TMPDIR"]) / f"kata-scratch-{os.getuid()}"
    return Resources(
        memory=int(memory) // 1024,
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        processes=len(descendants(pid)),
        scratch=len(list(scratch.glob("check-*"))),
    )


if __name__ == "__main__":
    main()
