"""Thousands of checks: does any verdict ever differ from the first, and does anything grow?

`python benchmarks/steady.py 10000` spreads them over the solutions and, for each kata, the wrong
answer that the fewest cases catch, two at a time, over several PYTHONHASHSEEDs (each with a warm
process of its own).
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.memory import _descendants
from grader import catalogue, pipeline
from grader.authoring.header import read_wrong_answer
from grader.catalogue import Kata
from grader.verdict import Verdict
from grader.warm import client

SEEDS = ("0", "1", "7", "4242")
REPORT_EVERY = 500


def main() -> None:
    number = int(sys.argv[1])
    answers = [one for kata in catalogue.every() for one in _answers(kata)]
    first: dict[Path, Any] = {}
    different = 0
    start = time.monotonic()
    done = 0
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as runtime:
            os.environ.update(PYTHONHASHSEED=seed, XDG_RUNTIME_DIR=runtime)
            rounds = number // len(SEEDS) // len(answers) + 1
            with ThreadPoolExecutor(2) as pool:
                for _ in range(rounds):
                    for (path, _, _), seen in zip(answers, pool.map(_grade, answers), strict=True):
                        done += 1
                        if first.setdefault(path, seen) != seen:
                            different += 1
                            print(f"DIFFERENT: {path}\n  {first[path]}\n  {seen}", flush=True)
                        if done % REPORT_EVERY == 0:
                            print(
                                f"{done} checks, {time.monotonic() - start:.0f} s, {_resources()}",
                                flush=True,
                            )
            print(f"seed {seed}: {_resources()}", flush=True)
            client.stop()
    print(f"{done} checks of {len(answers)} answers: {different} verdicts differ from the first")
    sys.exit(bool(different))


def _answers(kata: Kata) -> list[tuple[Path, Kata, str]]:
    """Every solution, and the wrong answer with the fewest catchers of each flavour."""
    found = [(kata.solution(flavour), kata, flavour) for flavour in kata.flavours]
    wrong = [read_wrong_answer(path) for path in kata.wrong_answers()]
    hardest = min(wrong, key=lambda one: (len(one.caught_by), one.name))
    return [*found, (hardest.path, kata, hardest.flavour)]


def _grade(answer: tuple[Path, Kata, str]) -> Any:
    path, kata, flavour = answer
    verdict = pipeline.grade(kata, path.read_text("utf-8"), path, flavour, "cpu")
    return _signature(verdict)


def _signature(verdict: Verdict) -> Any:
    """All of a verdict but its times."""
    cases = tuple((case.name, case.outcome, case.message, case.output) for case in verdict.cases)
    return verdict.outcome, cases, verdict.diagnosis, verdict.error


def _resources() -> str:
    facts = client.facts()
    if facts is None:
        return "no warm process"
    pid = facts["pid"]
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    scratch = Path(tempfile.gettempdir()) / f"kata-scratch-{os.getuid()}"
    left = len(list(scratch.glob("check-*"))) if scratch.exists() else 0
    return (
        f"warm process {int(memory) // 1024} MiB, {descriptors} descriptors, "
        f"{len(_descendants(pid))} children, {left} scratch folders"
    )


if __name__ == "__main__":
    main()
