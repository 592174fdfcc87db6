"""Which katas and questions an interview has: what fits the minutes, the level and the person's record."""

import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from grader import questions
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.interview.interview import QUESTIONS, Asked, Interview, Part
from grader.questions import Question

LEVELS = {"easy": (1, 2), "medium": (2, 3), "hard": (3, 5)}
LONGEST = 480
MOST_KATAS = 4
QUESTION_SHARE = 0.15  # of the whole time goes to the spoken questions
QUESTION_MINUTES = 2
FOLLOW_UPS = 2
TRIES = 24
WEIGHTS = {"": 3.0, "tried": 4.0, "passed": 1.0}  # begun and not passed comes first


class BadPlan(GraderError):
    kind = "no-interview"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for."""

    minutes: float = 45
    level: str = ""
    topics: tuple[str, ...] = ()
    seed: int | None = None
    device: str = "auto"
    flavour: str = "torch"  # where a kata has it
    hints: bool = False
    mistakes: bool = False


def plan(wish: Wish, katas: list[Kata], record: Mapping[str, str]) -> Interview:
    """The interview; the same wish, seed and record give the same one."""
    _check_minutes(wish.minutes)
    fitting = _of_topics(_of_level(katas, wish.level), wish.topics)
    seed = random.SystemRandom().randrange(10**6) if wish.seed is None else wish.seed
    rng = random.Random(seed)
    chosen, note = _choose(rng, fitting, wish.minutes * (1 - QUESTION_SHARE), record)
    spoken = _spoken(rng, katas, chosen, wish)
    shares = _shares(chosen, wish.minutes)
    now = time.time()
    return Interview(
        number=0,
        begun=now,
        deadline=now + 60 * wish.minutes,
        seed=seed,
        level=wish.level,
        topics=wish.topics,
        device=wish.device,
        hints=wish.hints,
        mistakes=wish.mistakes,
        parts=tuple(_part(rng, kata, shares[kata.slug], wish.flavour) for kata in chosen),
        asked=spoken,
        question_seconds=shares[QUESTIONS],
        current=chosen[0].slug,
        since=now,
        notes=(note,) if note else (),
    )


def _check_minutes(minutes: float) -> None:
    if not 0 < minutes <= LONGEST:  # NaN too
        raise BadPlan(
            f"An interview takes more than 0 and at most {LONGEST} minutes, not {minutes:g}.\n"
            "Try: kata mock --minutes 45"
        )


def _of_level(katas: list[Kata], level: str) -> list[Kata]:
    low, high = LEVELS[level] if level else (1, 5)
    return [kata for kata in katas if low <= kata.difficulty <= high]


def _of_topics(katas: list[Kata], topics: tuple[str, ...]) -> list[Kata]:
    known = sorted({kata.topic for kata in katas})
    found = [kata for kata in katas if not topics or kata.topic in topics]
    if not known:
        raise BadPlan("There is no kata of this level.\nTry without: kata mock")
    if not found:
        raise BadPlan(
            f"No kata of this level has the topic {' or '.join(topics)}.\n"
            f"There is: {', '.join(known)}. Try: kata mock --topics {known[0]}"
        )
    return found


def _choose(
    rng: random.Random, katas: list[Kata], minutes: float, record: Mapping[str, str]
) -> tuple[list[Kata], str]:
    """The fullest of some draws, and what there is to say about it."""
    short = [kata for kata in katas if kata.minutes <= minutes]
    if not short:
        least = min(kata.minutes for kata in katas)
        kata = rng.choice([kata for kata in katas if kata.minutes == least])
        return [kata], f"No kata fits this time: {kata.slug} is meant for {least} minutes."
    draws = [_draw(rng, short, minutes, record) for _ in range(TRIES)]
    return max(draws, key=lambda draw: sum(kata.minutes for kata in draw)), ""


def _draw(
    rng: random.Random, katas: list[Kata], minutes: float, record: Mapping[str, str]
) -> list[Kata]:
    """Katas in a weighted random order, each taken if it still fits."""
    order = sorted(katas, key=lambda kata: rng.random() ** (1 / WEIGHTS[record.get(kata.slug, "")]))
    taken: list[Kata] = []
    for kata in reversed(order):
        if len(taken) < MOST_KATAS and kata.minutes <= minutes:
            taken.append(kata)
            minutes -= kata.minutes
    return sorted(taken, key=lambda kata: kata.difficulty)


def _shares(chosen: list[Kata], minutes: float) -> dict[str, float]:
    """Seconds of each part: the questions take theirs, the katas share the rest by their minutes."""
    whole = 60 * minutes
    total = sum(kata.minutes for kata in chosen)
    rest = whole * (1 - QUESTION_SHARE)
    return {kata.slug: rest * kata.minutes / total for kata in chosen} | {
        QUESTIONS: whole * QUESTION_SHARE
    }


def _part(rng: random.Random, kata: Kata, seconds: float, preferred: str) -> Part:
    known = questions.load(kata.folder)
    picked = rng.sample(known, min(FOLLOW_UPS, len(known)))
    return Part(
        kata=kata.slug,
        flavour=preferred if preferred in kata.flavours else kata.flavours[0],
        title=kata.title,
        seconds=seconds,
        follow_ups=tuple(_follow_up(question) for question in picked),
    )


def _spoken(
    rng: random.Random, katas: list[Kata], chosen: list[Kata], wish: Wish
) -> tuple[Asked, ...]:
    """Questions of other katas, so that none of them helps with the code."""
    others = [kata for kata in katas if kata not in chosen]
    near = _near(others, wish.topics) or others or katas
    pool = [question for kata in near for question in questions.load(kata.folder)]
    count = round(wish.minutes * QUESTION_SHARE / QUESTION_MINUTES)
    picked = rng.sample(pool, min(max(count, 2), 6, len(pool)))
    return tuple(_question(question) for question in picked)


def _near(katas: list[Kata], topics: tuple[str, ...]) -> list[Kata]:
    return [kata for kata in katas if kata.topic in topics]


def _question(question: Question) -> Asked:
    return Asked(
        id=question.id,
        kata=question.kata,
        follow_up=False,
        text=" ".join(question.text.split()),
        answer=question.answer,
        points=question.points,
    )


def _follow_up(question: Question) -> Asked:
    """A follow-up has its answer in brackets at its end, if it has one; that is its only key point."""
    text = " ".join(question.follow_up.split())
    found = re.fullmatch(r"(.+?[?.!]) \((.+)\)", text)
    asked, answer = (found[1], found[2]) if found else (text, "")
    return Asked(
        id=f"{question.id}:next",
        kata=question.kata,
        follow_up=True,
        text=asked,
        answer=answer or question.answer,
        points=(answer or "an answer that you would stand by in the room",),
    )
