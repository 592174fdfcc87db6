"""The written rubric: how an interview becomes a score out of 100."""

import re
from dataclasses import dataclass

from grader.interview.interview import Asked, Interview, Part


@dataclass(frozen=True, slots=True)
class Criterion:
    name: str
    weight: int
    rule: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One criterion of the rubric, applied; one that does not apply weighs nothing."""

    name: str
    points: float
    weight: int
    reason: str
    rule: str

    @property
    def share(self) -> float:
        return self.points / self.weight if self.weight else 0.0


RUBRIC = (
    Criterion("correct", 35, "the share of the cases of level correct that pass at the end"),
    Criterion("robust", 20, "the share of the cases of level robust"),
    Criterion("fast", 10, "the share of the cases of level fast"),
    Criterion("time", 10, "all for each kata passed within its time, half for one passed later"),
    Criterion("checks", 5, "all for a kata passed with 3 checks; one point less for 2 more checks"),
    Criterion("questions", 20, "the share of the key points that the answers have"),
)
WORDS = ((85, "strong yes"), (70, "yes"), (50, "borderline"), (0, "not yet"))
FREE_CHECKS = 3

# too common to show that a key point was made
COMMON = """
that this with from than then they them their have been were what when which where while only also
does into over under each every other same both more most less very much many some such because
between after before about there here will would could should must
"""


def score(interview: Interview) -> tuple[Mark, ...]:
    """What each criterion gives, and why."""
    by_name: dict[str, tuple[float | None, str]] = {
        **{level: _level(interview, level) for level in ("correct", "robust", "fast")},
        "time": _time(interview),
        "checks": _checks(interview),
        "questions": _questions(interview),
    }
    marks = []
    for criterion in RUBRIC:
        share, reason = by_name[criterion.name]
        weight = 0 if share is None else criterion.weight
        points = round((share or 0.0) * weight, 1)
        marks.append(Mark(criterion.name, points, weight, reason, criterion.rule))
    return tuple(marks)


def total(marks: tuple[Mark, ...]) -> int:
    """Out of 100, whichever criteria apply."""
    return round(100 * sum(mark.points for mark in marks) / sum(mark.weight for mark in marks))


def in_words(points: int) -> str:
    return next(word for least, word in WORDS if points >= least)


def _level(interview: Interview, level: str) -> tuple[float | None, str]:
    """Each kata counts the same, however many cases it has."""
    shares, passed, known = [], 0, 0
    for part in interview.parts:
        good, all_ = levels_of(part).get(level, (0, 0))
        if all_ or part.verdict is None or not part.verdict["levels"]:
            shares.append(good / all_ if all_ else 0.0)
        passed, known = passed + good, known + all_
    if not shares:
        return None, "does not count: no kata has such cases"
    reason = f"{passed} of {known} cases" if known else "nothing ran"
    return sum(shares) / len(shares), reason


def levels_of(part: Part) -> dict[str, tuple[int, int]]:
    """Passed and all cases of each level at the end."""
    levels = part.verdict["levels"] if part.verdict else {}
    return {name: (count[0], count[1]) for name, count in levels.items()}


def _passed(part: Part) -> bool:
    return part.verdict is not None and part.verdict["outcome"] == "passed"


def _time(interview: Interview) -> tuple[float, str]:
    in_time = [part for part in interview.parts if _passed(part) and part.spent <= part.seconds]
    late = [part for part in interview.parts if _passed(part) and part.spent > part.seconds]
    reason = f"{len(in_time)} of {len(interview.parts)} passed in time, {len(late)} later"
    return (len(in_time) + len(late) / 2) / len(interview.parts), reason


def _checks(interview: Interview) -> tuple[float, str]:
    gained, words = 0.0, []
    for part in interview.parts:
        count = len(part.checks)
        words.append(f"{part.kata} {count}")
        if _passed(part):
            gained += max(0.0, 1 - 0.2 * max(count - FREE_CHECKS, 0) / 2)
    return gained / len(interview.parts), ", ".join(words)


def _questions(interview: Interview) -> tuple[float | None, str]:
    """What the person ticked counts; before that, what the words suggest."""
    if not interview.asked:
        return None, "does not count: none were asked"
    made = sum(len(points_of(asked)) for asked in interview.asked)
    known = sum(len(asked.points) for asked in interview.asked)
    answered = sum(bool(asked.reply.strip()) for asked in interview.asked)
    reason = f"{made} of {known} key points, {answered} of {len(interview.asked)} answered"
    return (made / known if known else 1.0), reason


def points_of(asked: Asked) -> tuple[int, ...]:
    """The key points that an answer has."""
    return suggest(asked) if asked.ticked is None else asked.ticked


def suggest(asked: Asked) -> tuple[int, ...]:
    """The key points of which at least half of the telling words are in the reply."""
    said = _words(asked.reply)
    found = []
    for number, point in enumerate(asked.points):
        telling = _words(point)
        if telling and len(telling & said) * 2 >= len(telling):
            found.append(number)
    return tuple(found)


def _words(text: str) -> set[str]:
    """Lower-case words without the common ones, cut so that 'averages' is 'average'."""
    words = set(re.findall(r"[a-z]{4,}|[a-z]*\d+[\w.-]*", text.lower()))
    return {word[:6] for word in words.difference(COMMON.split())}
