"""A learner over sixty days, by the real schedule: what was forgotten comes back, and more of it stays."""

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from grader import cards, catalogue, history, questions, quiz, schedule
from grader.cards import Rating
from grader.catalogue import Kata
from grader.history import reviews
from grader.history.reviews import Key
from grader.verdict import Case, Conclusion, Level, Outcome, Verdict

DAYS, SITTINGS, CARDS = 60, 2, 10  # katas a day, flash cards a round
DAY = schedule.DAY
NOON = 1_800_014_400.0  # noon in Greenwich, no midnight near for most
KINDS = ("kata", "question")
KNOWN = 0.3  # of what was never practised
# after how many days half of it is gone; a success makes that longer, a failure starts it over
HALF_LIVES = {
    "attention": 2.0,
    "clustering": 30.0,
    "decoding": 8.0,
    "losses": 5.0,
    "normalisation": 30.0,
    "optimisers": 3.0,
    "tokenisation": 15.0,
}
USUAL = 10.0  # of a topic that is not named above
FADING, LASTING = 5.0, 15.0


def half_life_of(topic: str) -> float:
    return HALF_LIVES.get(topic, USUAL)


@dataclass
class Memory:
    """Of katas and questions alike: when each was seen last, and how long it lasts."""

    draw: random.Random
    seen: dict[Key, float] = field(default_factory=dict)
    half_life: dict[Key, float] = field(default_factory=dict)

    def chance(self, key: Key, now: float) -> float:
        if key not in self.seen:
            return KNOWN
        return 0.5 ** ((now - self.seen[key]) / DAY / self.half_life[key])

    def practise(self, key: Key, topic: str, now: float) -> bool:
        """Was it remembered?"""
        knew = self.draw.random() < self.chance(key, now)
        base = half_life_of(topic)
        longer = min(2 * self.half_life.get(key, base / 2), 90.0)
        self.half_life[key] = longer if knew else base
        self.seen[key] = now
        return knew


@dataclass(frozen=True)
class Review:
    day: int
    key: Key
    topic: str
    first: bool
    knew: bool
    due: float

    @property
    def due_day(self) -> int:
        return (date.fromtimestamp(self.due) - date.fromtimestamp(NOON)).days


def sit(kata: Kata, now: float, *, knew: bool, checks: int, peeks: bool) -> None:
    """Leaves behind what a person would: events, checks, a look at the solution."""
    history.note(kata.slug, "new", at=now)
    if not knew and peeks:
        history.note(kata.slug, "reveal", at=now + 60)
        return
    if not knew:
        history.note(kata.slug, "hint", at=now + 60)
    for number in range(checks):
        outcome = Outcome.PASSED if number == checks - 1 else Outcome.FAILED
        conclusion = Conclusion.PASSED if number == checks - 1 else Conclusion.FAILED
        cases = (Case("test_a", "a", Level.CORRECT, outcome),)
        verdict = Verdict(kata.slug, "torch", "cpu", conclusion, 0.1, cases)
        at = now + 120 * (number + 1)
        history.record(verdict, Path("nowhere.py"), f"{kata.slug} {at}", at=at)


@dataclass
class Second:
    """How much is remembered each evening of the second month."""

    fading: list[float] = field(default_factory=list)
    every: list[float] = field(default_factory=list)

    def look(self, memory: Memory, day: int) -> None:
        if day < DAYS // 2:
            return
        for key, topic in _everything():
            chance = memory.chance(key, NOON + (day + 0.5) * DAY)
            self.every.append(chance)
            if half_life_of(topic) <= FADING:
                self.fading.append(chance)


def sixty_days(memory: Memory, second: Second) -> Iterator[Review]:
    """Each day what `kata next` names first, unless nothing is due or new; then flash cards."""
    topics = {kata.slug: kata.topic for kata in catalogue.every()}
    for day in range(DAYS):
        for sitting in range(SITTINGS):
            now = NOON + day * DAY + 3600 * sitting
            pick = schedule.plan(now)[0]
            if pick.kind == "early":
                break
            key = ("kata", pick.kata.slug, "")
            first = key not in memory.seen
            knew = memory.practise(key, pick.kata.topic, now)
            checks = memory.draw.choice([1, 1, 2]) if knew else 7
            sit(pick.kata, now, knew=knew, checks=checks, peeks=memory.draw.random() < 0.7)
            cards.catch_up()
            yield _review(day, key, pick.kata.topic, first=first, knew=knew)
        now = NOON + day * DAY + 3600 * SITTINGS
        number = CARDS
        while number:  # another round as long as something is due
            for card in quiz.deck(now, None, number):
                key = ("question", card.question.kata, card.question.id)
                topic, first = topics[card.question.kata], key not in memory.seen
                knew = memory.practise(key, topic, now)
                cards.rate_question(*key[1:], Rating.GOOD if knew else Rating.AGAIN, now)
                yield _review(day, key, topic, first=first, knew=knew)
            number = min(CARDS, schedule.due_questions(now))
        second.look(memory, day)


def _review(day: int, key: Key, topic: str, *, first: bool, knew: bool) -> Review:
    return Review(day, key, topic, first, knew, reviews.due(key[0])[key[1:]])


@cache
def _everything() -> list[tuple[Key, str]]:
    katas = catalogue.every()
    asked = [(kata, one) for kata in katas for one in questions.load(kata.folder)]
    return [
        *((("kata", kata.slug, ""), kata.topic) for kata in katas),
        *((("question", kata.slug, one.id), kata.topic) for kata, one in asked),
    ]


def in_turn(found: list[Review], memory: Memory, second: Second) -> None:
    """The same effort on the same days, one kata and one question after the other."""
    queues = {kind: [one for one in _everything() if one[0][0] == kind] for kind in KINDS}
    for day in range(DAYS):
        for review in found:
            if review.day == day:
                queue = queues[review.key[0]]
                memory.practise(*queue[0], NOON + day * DAY)
                queue.append(queue.pop(0))
        second.look(memory, day)


def brought_back(found: list[Review]) -> list[int]:
    """For each lapse, how many days after the day it was due it came again: 0 is in time."""
    late = []
    for number, one in enumerate(found):
        if one.first or one.knew or one.due_day >= DAYS:
            continue
        again = [other.day for other in found[number + 1 :] if other.key == one.key]
        late.append(min(again, default=DAYS) - one.due_day)
    return late


def each(found: list[Review], fits: range) -> float:
    """Reviews for each kata of the topics whose half-life is in a range."""
    katas = [kata for kata in catalogue.every() if int(half_life_of(kata.topic)) in fits]
    return sum(one.key[1] in {kata.slug for kata in katas} for one in found) / len(katas)


def table(found: list[Review], second: Second, turns: Second) -> Iterator[str]:
    late = brought_back(found)
    yield f"{DAYS} days, {len(found)} reviews, {len(found) / DAYS:.1f} a day;"
    yield f"lapses {len(late)}, back on the day they were due {late.count(0) / len(late):.0%},"
    yield f"  the latest {max(late)} days after it"
    yield f"{'topic':<16}{'half-life':>10}{'reviews':>9}{'recall at review':>18}"
    for topic in sorted({one.topic for one in found}, key=half_life_of):
        own = [one for one in found if one.topic == topic]
        known = statistics.mean(one.knew for one in own if not one.first)
        yield f"{topic:<16}{half_life_of(topic):>8.0f} d{len(own):>9}{known:>18.0%}"
    for name, fits in (("all topics", "every"), ("topics that fade", "fading")):
        shares = [statistics.mean(getattr(one, fits)) for one in (second, turns)]
        yield "remembered in the second month, {}: {:.0%}, in turn {:.0%}".format(name, *shares)


@pytest.mark.parametrize("seed", [1])
def test_the_schedule_brings_back_what_was_forgotten(
    seed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KATA_HOME", str(tmp_path))
    second, turns = Second(), Second()
    found = list(sixty_days(Memory(random.Random(seed)), second))
    in_turn(found, Memory(random.Random(seed)), turns)
    with capsys.disabled():
        print("", *table(found, second, turns), sep="\n  ")
    late = brought_back(found)
    assert len(late) > 20
    assert late.count(0) >= 0.9 * len(late)
    assert max(late) <= 2
    assert statistics.mean(one.knew for one in found if not one.first) > 0.7
    assert each(found, range(int(FADING) + 1)) > 1.3 * each(found, range(int(LASTING), 99))
    assert statistics.mean(second.fading) > statistics.mean(turns.fading)
    assert {one.key[1] for one in found if one.key[0] == "kata"} == set(catalogue.slugs())
