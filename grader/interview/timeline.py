"""What happened when: the checks of a kata, and the moment from which each case stayed green."""

from dataclasses import dataclass

from grader.interview.interview import Interview, Part
from grader.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One check of an interview: when, and how many cases were green."""

    at: float
    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class Green:
    """A case and the moment from which it stayed green; None: it never did."""

    claim: str
    level: str
    at: float | None


def steps(interview: Interview, part: Part, verdict: Verdict | None) -> tuple[Step, ...]:
    found = [
        Step(
            check.at - interview.begun,
            sum(passed for passed, _ in check.levels.values()),
            sum(total for _, total in check.levels.values()),
        )
        for check in part.checks
    ]
    if verdict and verdict.cases and interview.ended is not None:
        end = interview.ended - interview.begun
        last = Step(end, sum(case.passed for case in verdict.cases), len(verdict.cases))
        if not found or found[-1].passed != last.passed:  # handed in with a change
            found.append(last)
    return tuple(found)


def greens(interview: Interview, part: Part, verdict: Verdict | None) -> tuple[Green, ...]:
    if verdict is None:
        return ()
    end = (interview.ended or interview.deadline) - interview.begun
    seen = [(check.at - interview.begun, set(check.green)) for check in part.checks]
    found = []
    for case in verdict.cases:
        since = end if case.passed else None
        for at, green in reversed(seen):
            if since is None or case.name not in green:
                break
            since = at
        found.append(Green(case.claim, case.level.value, since))
    return tuple(found)
