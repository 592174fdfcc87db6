"""An interview as a value: its parts, its questions, its clocks."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

QUESTIONS = "questions"  # the part in which the spoken questions are answered


class Ending(StrEnum):
    TIME = "time"
    FINISHED = "finished"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, what was said, and which of its key points that had."""

    id: str
    kata: str
    follow_up: bool
    text: str
    answer: str
    points: tuple[str, ...]
    reply: str = ""
    ticked: tuple[int, ...] | None = None  # None: nobody has looked yet


@dataclass(frozen=True, slots=True)
class Checked:
    """One check during the interview: which cases were green."""

    at: float
    levels: dict[str, tuple[int, int]]
    green: tuple[str, ...]
    passed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One kata of the interview."""

    kata: str
    flavour: str
    title: str
    seconds: float  # its share of the time
    follow_ups: tuple[Asked, ...] = ()
    path: str = ""
    saved: str = ""  # the attempt as it was handed out, then as it was last checked
    spent: float = 0.0
    checks: tuple[Checked, ...] = ()
    hints: int = 0
    submitted: bool = False
    handed: str = ""  # the attempt as it was submitted
    text: str | None = None  # what was handed in; None: nothing yet
    verdict: dict[str, Any] | None = None

    @property
    def passed(self) -> bool:
        return any(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Interview:
    number: int
    begun: float
    deadline: float  # absolute, and never moved
    seed: int
    level: str
    topics: tuple[str, ...]
    device: str
    hints: bool
    mistakes: bool
    parts: tuple[Part, ...]
    asked: tuple[Asked, ...]
    question_seconds: float
    current: str
    since: float  # when the current part became it
    question_spent: float = 0.0
    notes: tuple[str, ...] = ()
    ended: float | None = None
    ending: str = ""

    @property
    def seconds(self) -> float:
        return self.deadline - self.begun

    def part(self, kata: str) -> Part:
        return next(part for part in self.parts if part.kata == kata)

    def stops(self) -> list[str]:
        """The parts in their order, the questions last."""
        return [*(part.kata for part in self.parts), *([QUESTIONS] if self.asked else [])]

    def left(self, now: float) -> float:
        return self.deadline - now

    def spent(self, stop: str, now: float) -> float:
        """Seconds that went into a part, the running ones included."""
        before = self.question_spent if stop == QUESTIONS else self.part(stop).spent
        running = stop == self.current and self.ended is None
        return before + (max(min(now, self.deadline) - self.since, 0.0) if running else 0.0)

    def share(self, stop: str) -> float:
        return self.question_seconds if stop == QUESTIONS else self.part(stop).seconds

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def tone(left: float, whole: float) -> str:
    """How a clock looks: amber in the last fifth, red in the last twentieth."""
    if left < 0.05 * whole:
        return "red"
    return "amber" if left < 0.2 * whole else "calm"


def clock(seconds: float) -> str:
    """Minutes and seconds; below zero with a sign."""
    whole = round(abs(seconds))
    return f"{'-' if seconds < 0 and whole else ''}{whole // 60}:{whole % 60:02d}"


def from_json(record: dict[str, Any]) -> Interview:
    fields = dict(record)
    fields["topics"] = tuple(record["topics"])
    fields["notes"] = tuple(record["notes"])
    fields["parts"] = tuple(_part(part) for part in record["parts"])
    fields["asked"] = tuple(asked_from_json(asked) for asked in record["asked"])
    return Interview(**fields)


def _part(record: dict[str, Any]) -> Part:
    fields = dict(record)
    fields["follow_ups"] = tuple(asked_from_json(asked) for asked in record["follow_ups"])
    fields["checks"] = tuple(check_from_json(check) for check in record["checks"])
    return Part(**fields)


def asked_from_json(record: dict[str, Any]) -> Asked:
    ticked = record["ticked"]
    fields = record | {"points": tuple(record["points"])}
    return Asked(**fields | {"ticked": None if ticked is None else tuple(ticked)})


def check_from_json(record: dict[str, Any]) -> Checked:
    levels = {name: (count[0], count[1]) for name, count in record["levels"].items()}
    return Checked(**record | {"levels": levels, "green": tuple(record["green"])})
