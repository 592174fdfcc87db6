"""The learner's record in numbers; how it looks is for render."""

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from grader import cards, catalogue, schedule
from grader.history import database, reviews

WEEKS = 26  # of days that are drawn
LEVELS = ("correct", "robust", "fast")
Pass = tuple[int, float]  # checks and seconds that it took; there may be tens of thousands


@dataclass(frozen=True, slots=True)
class Topic:
    topic: str
    katas: int
    passed: int
    checks: int
    passes: int  # attempts that were passed
    first_try: int  # of them, at the first full check
    median_seconds: float | None


@dataclass(frozen=True, slots=True)
class Level:
    """The share of cases passed at the first check of an attempt, and of attempts with all passed."""

    level: str
    first: float | None
    whole: float | None


@dataclass(frozen=True, slots=True)
class Mistake:
    kata: str
    title: str
    times: int  # attempts in which it was made


@dataclass(frozen=True, slots=True)
class Stats:
    katas: int
    passed: int
    checks: int
    attempts: int
    passes: int
    first_try: int
    median_seconds: float | None
    recent_seconds: tuple[float, ...]  # of the last passes, oldest first
    hints: int
    reveals: int
    reviews: int
    remembered: float | None  # share of the reviews on a later day that were not `again`
    due_katas: int
    due_questions: int
    days: int
    streak: int
    longest: int
    per_day: tuple[int, ...]  # checks on each of the last days, today last
    topics: tuple[Topic, ...]
    levels: tuple[Level, ...]
    mistakes: tuple[Mistake, ...]

    def to_json(self) -> dict[str, Any]:
        return {"schema": 1, **asdict(self)}


def gather(now: float) -> Stats:
    cards.catch_up()
    with database.view():
        return _gather(now)


def _gather(now: float) -> Stats:
    katas = catalogue.every()
    outcomes = database.rows(
        "SELECT kata, outcome, selected, COUNT(*) FROM checks GROUP BY kata, outcome, selected"
    )
    passes = _passes()
    every = [one for own in passes.values() for one in own]
    done = {kata for kata, outcome, selected, _ in outcomes if outcome == "passed" and not selected}
    per_day = _per_day()
    limit = schedule.end_of_day(now)
    events = dict(database.rows("SELECT kind, COUNT(*) FROM events GROUP BY kind"))
    return Stats(
        katas=len(katas),
        passed=sum(kata.slug in done for kata in katas),
        checks=sum(per_day.values()),
        attempts=_one("SELECT COUNT(*) FROM checks WHERE tries = 1 AND selected = 0"),
        passes=len(every),
        first_try=_first_tries(every),
        median_seconds=_median(every),
        recent_seconds=_recent(),
        hints=events.get("hint", 0),
        reveals=events.get("reveal", 0),
        reviews=_one("SELECT COUNT(*) FROM reviews"),
        remembered=_remembered(),
        due_katas=sum(moment < limit for moment in reviews.due("kata").values()),
        due_questions=schedule.due_questions(now),
        days=len(per_day),
        **_streaks(per_day, date.fromtimestamp(now)),
        per_day=tuple(_calendar(per_day, date.fromtimestamp(now))),
        topics=tuple(_topics(katas, outcomes, passes, done)),
        levels=tuple(_levels()),
        mistakes=tuple(_mistakes()),
    )


def _one(query: str) -> int:
    found = database.rows(query)
    return int(found[0][0]) if found else 0


def _recent() -> tuple[float, ...]:
    found = database.rows(
        "SELECT worked FROM checks WHERE fresh = 1 AND given = 0 ORDER BY id DESC LIMIT 30"
    )
    return tuple(round(seconds, 1) for (seconds,) in reversed(found))


def _passes() -> dict[str, list[Pass]]:
    """The passes of each kata, but for those of an answer that was shown."""
    found: dict[str, list[Pass]] = {}
    for kata, tries, worked in database.rows(
        "SELECT kata, tries, worked FROM checks WHERE fresh = 1 AND given = 0"
    ):
        found.setdefault(kata, []).append((tries, worked))
    return found


def _first_tries(passes: Iterable[Pass]) -> int:
    return sum(tries == 1 for tries, _ in passes)


def _median(passes: Iterable[Pass]) -> float | None:
    seconds = [worked for _, worked in passes]
    return round(statistics.median(seconds), 1) if seconds else None


def _remembered() -> float | None:
    """On the day of the first review nothing is asked again: it is still in mind, or just read."""
    found = database.rows(
        "SELECT AVG(rating > 1) FROM reviews JOIN"
        " (SELECT kind, kata, name, MIN(at) AS first FROM reviews GROUP BY kind, kata, name)"
        " USING (kind, kata, name)"
        " WHERE DATE(at, 'unixepoch', 'localtime') > DATE(first, 'unixepoch', 'localtime')"
    )
    return found[0][0] if found else None


def _per_day() -> dict[date, int]:
    return {
        date.fromisoformat(day): number
        for day, number in database.rows("SELECT day, COUNT(*) FROM checks GROUP BY day")
    }


def _streaks(days: Iterable[date], today: date) -> dict[str, int]:
    """Days in a row with a check: the present run, which today may still join, and the longest."""
    longest = run = 0
    before: date | None = None
    for day in sorted(days):
        run = run + 1 if before and day - before == timedelta(1) else 1
        longest = max(longest, run)
        before = day
    alive = before is not None and today - before <= timedelta(1)
    return {"streak": run if alive else 0, "longest": longest}


def _calendar(per_day: dict[date, int], today: date) -> list[int]:
    """From a Monday on, so that weeks are columns."""
    first = today - timedelta(today.weekday() + 7 * (WEEKS - 1))
    return [per_day.get(first + timedelta(n), 0) for n in range((today - first).days + 1)]


def _topics(
    katas: list[catalogue.Kata],
    outcomes: list[tuple[Any, ...]],
    passes: dict[str, list[Pass]],
    done: set[str],
) -> Iterable[Topic]:
    for topic in sorted({kata.topic for kata in katas}):
        slugs = {kata.slug for kata in katas if kata.topic == topic}
        own = [one for slug in slugs for one in passes.get(slug, ())]
        yield Topic(
            topic=topic,
            katas=len(slugs),
            passed=len(slugs & done),
            checks=sum(number for kata, _, _, number in outcomes if kata in slugs),
            passes=len(own),
            first_try=_first_tries(own),
            median_seconds=_median(own),
        )


def _levels() -> Iterable[Level]:
    averages = ", ".join(f"AVG({level}), AVG({level} = 1)" for level in LEVELS)
    found = database.rows(f"SELECT {averages} FROM checks WHERE tries = 1 AND selected = 0")
    values = found[0] if found else (None,) * 2 * len(LEVELS)
    for level, first, whole in zip(LEVELS, values[::2], values[1::2], strict=True):
        yield Level(level, first, whole)


def _mistakes() -> Iterable[Mistake]:
    return (
        Mistake(*row)
        for row in database.rows(
            "SELECT kata, title, COUNT(*) FROM mistakes GROUP BY kata, mistake"
            " ORDER BY COUNT(*) DESC, MAX(id) DESC LIMIT 10"
        )
    )
