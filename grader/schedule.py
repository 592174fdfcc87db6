"""What to do next, and why in words: what is under way, what is due, what is new."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from grader import cards, catalogue, history
from grader.catalogue import Kata
from grader.history import database, reviews

DAY = 86400.0
WARM = 2 * DAY  # an attempt left alone for longer makes room for what is due
LOOK_BACK = 300  # reviews that tell how strong a topic is
UNKNOWN = 0.3  # the weakness of a topic without reviews


@dataclass(frozen=True, slots=True)
class Pick:
    kata: Kata
    kind: str  # unfinished, due, new, early
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        return "; ".join(self.reasons)

    def to_json(self) -> dict[str, object]:
        return {"kata": self.kata.slug, "kind": self.kind, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Work:
    """Where an attempt stands that is not passed yet."""

    at: float  # the last sign of it
    passed: int
    total: int


def plan(now: float, topic: str | None = None) -> list[Pick]:
    """Every kata that makes sense now, the best first."""
    cards.catch_up()
    with database.view():
        picks = _plan(now, topic)
    if picks and picks[0].kind == "early":
        picks[0] = replace(picks[0], reasons=("nothing is due today", *picks[0].reasons))
    return picks


def _plan(now: float, topic: str | None) -> list[Pick]:
    katas = [kata for kata in catalogue.every() if topic in (None, kata.topic)]
    work = {kata.slug: under_way(kata.slug) for kata in katas}
    due = {kata: moment for (kata, _), moment in reviews.due("kata").items()}
    at_once = [one for one in katas if (state := work[one.slug]) and now - state.at < WARM]
    waiting = [one for one in katas if work[one.slug] and one not in at_once]
    reviewed = sorted(
        (one for one in katas if one.slug in due and not work[one.slug]),
        key=lambda one: due[one.slug],
    )
    today = [one for one in reviewed if due[one.slug] < end_of_day(now)]
    later = [one for one in reviewed if one not in today]
    return [
        *(_unfinished(one, work[one.slug], now) for one in _latest(at_once, work)),
        *(_due(one, due[one.slug], now) for one in today),
        *(_unfinished(one, work[one.slug], now) for one in _latest(waiting, work)),
        *_new([one for one in katas if not work[one.slug] and one.slug not in due]),
        *(_early(one, due[one.slug], now) for one in later),
    ]


def due_questions(now: float) -> int:
    limit = end_of_day(now)
    return sum(moment < limit for moment in reviews.due("question").values())


def end_of_day(now: float) -> float:
    """What is due today is due all day: nobody waits for the hour."""
    tomorrow = date.fromtimestamp(now) + timedelta(days=1)
    return datetime.combine(tomorrow, datetime.min.time()).timestamp()


def under_way(kata: str) -> Work | None:
    """The attempt that was begun, neither passed nor given up."""
    last = database.rows(
        "SELECT at, passed, total, outcome FROM checks WHERE kata = ? AND selected = 0"
        " ORDER BY id DESC LIMIT 1",
        [kata],
    )
    signs = database.rows(
        "SELECT at, kind FROM events WHERE kata = ? AND kind IN ('new', 'reset', 'reveal')"
        " ORDER BY id DESC LIMIT 1",
        [kata],
    )
    checked, passed, total, outcome = last[0] if last else (0.0, 0, 0, "passed")
    touched, kind = signs[0] if signs else (0.0, "")
    if touched > checked:
        return None if kind == "reveal" else Work(touched, 0, 0)
    if outcome == "passed" or kind == "reveal":
        return None
    return Work(checked, passed, total)


def weakness(katas: list[Kata]) -> dict[str, float]:
    """0 (strong) to 1 (weak) for each topic that was ever reviewed, by its last ten reviews."""
    topics = {kata.slug: kata.topic for kata in katas}
    ratings: dict[str, list[int]] = {}
    for review in reviews.newest(LOOK_BACK):
        if review.kata in topics:
            ratings.setdefault(topics[review.kata], []).append(review.rating)
    return {
        topic: sum(cards.Rating.EASY - rating for rating in given[:10]) / (3 * len(given[:10]))
        for topic, given in ratings.items()
    }


def _latest(katas: list[Kata], work: dict[str, Work | None]) -> list[Kata]:
    return sorted(katas, key=lambda kata: -(work[kata.slug] or Work(0, 0, 0)).at)


def _unfinished(kata: Kata, work: Work | None, now: float) -> Pick:
    assert work is not None
    when = _ago(work.at, now)
    if not work.total:
        return Pick(kata, "unfinished", (f"you began it {when}",))
    left = work.total - work.passed
    return Pick(
        kata, "unfinished", (f"{left} of {work.total} cases to go at your last check, {when}",)
    )


def _due(kata: Kata, due: float, now: float) -> Pick:
    days = _days(due, now)
    since = {0: "due today", 1: "due since yesterday"}.get(days, f"due for {days} days")
    return Pick(kata, "due", (since, *_memories(kata)))


def _early(kata: Kata, due: float, now: float) -> Pick:
    days = -_days(due, now)
    when = "tomorrow" if days == 1 else f"in {days} days"
    return Pick(kata, "early", (f"due {when}", *_memories(kata)))


def _memories(kata: Kata) -> list[str]:
    """What went wrong with it before."""
    last = reviews.last(kata.slug)
    words = [last.detail] if last and last.detail else []
    mistakes = database.rows(
        "SELECT title, COUNT(*) FROM mistakes WHERE kata = ? GROUP BY mistake"
        " ORDER BY COUNT(*) DESC, MAX(at) DESC LIMIT 1",
        [kata.slug],
    )
    for title, count in mistakes:
        times = {1: "once", 2: "twice"}.get(count, f"{count} times")
        words.append(f"you made this mistake {times}: {decapitalised(title)}")
    return words


def decapitalised(title: str) -> str:
    """A title in the middle of a sentence; NaN and QK stay as they are."""
    title = title.rstrip(".")
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _new(katas: list[Kata]) -> list[Pick]:
    """Prerequisites first, then easy ones, weak topics earlier than strong ones."""
    every = catalogue.every()
    known = {kata.slug for kata in every}
    passed = {slug for slug, state in history.states().items() if state == "passed"}
    weak = weakness(every)
    worst = max(weak, key=lambda topic: weak[topic], default="")

    def missing(kata: Kata) -> list[str]:
        return [slug for slug in kata.requires if slug in known - passed]

    def order(kata: Kata) -> tuple[object, ...]:
        ease = kata.difficulty - 3 * weak.get(kata.topic, UNKNOWN)
        return bool(missing(kata)), ease, kata.minutes, kata.slug

    def reasons(kata: Kata) -> tuple[str, ...]:
        words = [f"new, difficulty {kata.difficulty} of 5, {kata.minutes} minutes"]
        if weak.get(kata.topic, 0.0) >= 0.5 and kata.topic == worst:
            words.append(f"{kata.topic} is your weakest topic")
        if missing(kata):
            words.append(f"better after {' and '.join(missing(kata))}")
        elif built := [slug for slug in kata.requires if slug in passed]:
            words.append(f"you passed {' and '.join(built)}, which it builds on")
        return tuple(words)

    return [Pick(kata, "new", reasons(kata)) for kata in sorted(katas, key=order)]


def _days(moment: float, now: float) -> int:
    """Whole days by the calendar, from `moment` to now."""
    return (date.fromtimestamp(now) - date.fromtimestamp(moment)).days


def _ago(moment: float, now: float) -> str:
    days = _days(moment, now)
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago" if days > 0 else "today")
