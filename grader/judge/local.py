"""One case in this very process, so that `breakpoint()` works.  For a learner's own eyes: no verdict."""

from pathlib import Path

from grader.catalogue import Kata
from grader.errors import GraderError
from grader.judge.answers import load_of, setup_of, truth_of
from grader.judge.bench import Bench, Here
from grader.judge.suite import Suite, run_case
from grader.verdict import Case


def run_here(kata: Kata, attempt: Path, flavour: str, select: str) -> list[Case]:
    """Run the cases that contain `select` on the attempt, without sandbox, limits or record."""
    suite = Suite(kata, flavour, "cpu")
    suite.collect()
    suite.choose(select)
    if not suite.items:
        raise GraderError(
            f"No case of {kata.slug} matches -k {select!r}.\nTry: kata check {kata.slug} --all"
        )
    runner = Here(setup_of(kata, flavour), load_of(attempt))
    if runner.loaded.raised is not None:
        raised = runner.loaded.raised
        where = "".join(f"\n    {line}" for line in raised.trace)
        raise GraderError(
            f"{attempt} cannot be imported: {raised.types[0]}: {raised.message}{where}"
        )
    truth = truth_of(kata, flavour)
    results = [run_case(item, Bench(runner, flavour, "cpu"), truth) for item in suite.items]
    return [result.case() for result in results]
