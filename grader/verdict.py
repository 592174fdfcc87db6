"""The value that grading returns.  A leaf: the command line, the warm process and the judge share it."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Level(StrEnum):
    CORRECT = "correct"
    ROBUST = "robust"
    FAST = "fast"


class Outcome(StrEnum):
    """What became of one case."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    REFUSED = "refused"
    BROKEN = "broken"


class Conclusion(StrEnum):
    """What became of the whole attempt."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    claim: str
    level: Level
    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    output: str = ""  # what the attempt printed, capped
    details: dict[str, Any] = field(default_factory=dict)  # input, got, want as short texts
    asks: tuple[str, ...] = ()  # ids of the questions that belong to it

    @property
    def unwritten(self) -> bool:
        return "raises NotImplementedError" in self.message

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known wrong answer that gives the attempt's numbers."""

    mistake: str
    title: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    kata: str
    flavour: str
    device: str
    outcome: Conclusion
    seconds: float
    cases: tuple[Case, ...] = ()
    diagnosis: tuple[Mistake, ...] = ()
    error: str = ""  # why the attempt could not be loaded at all, or what broke
    selected: bool = False  # only some cases ran (-k)

    @property
    def passed(self) -> bool:
        return self.outcome is Conclusion.PASSED

    @property
    def levels(self) -> dict[str, tuple[int, int]]:
        """Passed and all cases of each level that has any."""
        counts: dict[str, tuple[int, int]] = {}
        for level in Level:
            cases = [case for case in self.cases if case.level is level]
            if cases:
                counts[level] = (sum(case.passed for case in cases), len(cases))
        return counts

    @property
    def questions(self) -> list[str]:
        """Question ids, those of the named mistakes first, then those of the failed cases."""
        ids = [question for mistake in self.diagnosis for question in mistake.questions]
        ids += [ask for case in self.cases if not case.passed for ask in case.asks]
        return list(dict.fromkeys(ids))

    @property
    def why_unnamed(self) -> str:
        """Why no mistake is named, in a sentence for the learner."""
        failed = [case for case in self.cases if not case.passed]
        if self.selected:
            return "Without -k the mistake is named, if it is a known one."
        if all(case.unwritten for case in failed):
            return "What fails is not written yet."
        if all(case.outcome is not Outcome.FAILED for case in failed):
            return "There are no numbers to tell a mistake by."
        return "No known mistake gives these numbers."

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "kata": self.kata,
            "flavour": self.flavour,
            "device": self.device,
            "outcome": self.outcome.value,
            "seconds": round(self.seconds, 4),
            "levels": {name: list(count) for name, count in self.levels.items()},
            "cases": [asdict(case) for case in self.cases],
            "diagnosis": [asdict(mistake) for mistake in self.diagnosis],
            "questions": self.questions,
            "error": self.error,
            "selected": self.selected,
        }


def conclude(cases: list[Case], expected: int) -> Conclusion:
    """No evidence, no pass: every promised case has to report."""
    if expected == 0 or len(cases) != expected:
        return Conclusion.BROKEN
    if any(case.outcome is Outcome.BROKEN for case in cases):
        return Conclusion.BROKEN
    return Conclusion.PASSED if all(case.passed for case in cases) else Conclusion.FAILED


def case_from_json(record: dict[str, Any]) -> Case:
    return Case(
        name=record["name"],
        claim=record["claim"],
        level=Level(record["level"]),
        outcome=Outcome(record["outcome"]),
        seconds=float(record["seconds"]),
        message=record["message"],
        output=record["output"],
        details=dict(record["details"]),
        asks=tuple(record["asks"]),
    )


def verdict_from_json(record: dict[str, Any]) -> Verdict:
    return Verdict(
        kata=record["kata"],
        flavour=record["flavour"],
        device=record["device"],
        outcome=Conclusion(record["outcome"]),
        seconds=float(record["seconds"]),
        cases=tuple(case_from_json(case) for case in record["cases"]),
        diagnosis=tuple(
            Mistake(known["mistake"], known["title"], tuple(known["questions"]))
            for known in record["diagnosis"]
        ),
        error=record["error"],
        selected=record["selected"],
    )
