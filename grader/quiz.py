"""Which questions a round of flash cards asks: what is due first, then new ones of what was worked on."""

from dataclasses import dataclass

from grader import cards, catalogue, history, questions, schedule
from grader.history import reviews
from grader.questions import Question


@dataclass(frozen=True, slots=True)
class Flashcard:
    question: Question
    due: float | None  # None: never asked before


def deck(now: float, topic: str | None, number: int) -> list[Flashcard]:
    cards.catch_up()
    known = reviews.due("question")
    limit = schedule.end_of_day(now)
    every = _questions(topic)
    due = {key: moment for key, moment in known.items() if key in every and moment < limit}
    old = [Flashcard(every[key], moment) for key, moment in due.items()]
    new = [Flashcard(one, None) for key, one in every.items() if key not in known]
    return [*old, *new][:number]


def next_due(topic: str | None) -> float | None:
    """When the next question comes back."""
    every = _questions(topic)
    return min((due for key, due in reviews.due("question").items() if key in every), default=None)


def suggestion(ticked: list[bool]) -> cards.Rating:
    """A rating from the key points that were named."""
    if all(ticked):
        return cards.Rating.GOOD
    return cards.Rating.HARD if any(ticked) else cards.Rating.AGAIN


def _questions(topic: str | None) -> dict[tuple[str, str], Question]:
    """Katas that were passed, then those that were tried; one question of each in turn."""
    rank = {"passed": 0, "tried": 1}
    states = history.states()
    katas = [kata for kata in catalogue.every() if topic in (None, kata.topic)]
    found = [
        (rank.get(states.get(kata.slug, ""), 2), position, kata.difficulty, kata.slug, one)
        for kata in katas
        for position, one in enumerate(questions.load(kata.folder))
    ]
    return {(one.kata, one.id): one for *_, one in sorted(found, key=lambda row: row[:4])}
