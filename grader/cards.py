"""The cards of katas and questions: what happened becomes a rating, and fsrs says when it is due."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from typing import Any

from grader import catalogue
from grader.history import database, reviews
from grader.history.database import Connection
from grader.history.reviews import Key, Pass, Review

MANY_CHECKS = 5


class Rating(IntEnum):
    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


def catch_up() -> None:
    """Rate what was passed or revealed since the last time.

    Done when somebody asks what is due, not when a check is recorded: whatever dies in between
    loses no review, and a check stays quick.
    """
    if not reviews.unsettled():
        return
    minutes = {kata.slug: kata.minutes for kata in catalogue.every()}
    with database.transaction() as connection:
        new = [
            _review(one, minutes.get(one.kata))
            for one in reviews.passes(connection)
            if not one.given  # typing in what was shown says nothing about remembering it
        ]
        new += [
            Review(at, "kata", kata, "", Rating.AGAIN, "you looked at the solution")
            for at, kata in reviews.reveals(connection)
        ]
        reviews.add(connection, new)
        refresh(connection, {one.key for one in new})


def rate_question(kata: str, name: str, rating: Rating, at: float, detail: str = "") -> None:
    review = Review(at, "question", kata, name, rating, detail)
    with database.transaction() as connection:
        reviews.add(connection, [review])
        refresh(connection, [review.key])


def rating_of(one: Pass, minutes: int | None) -> Rating:
    """How well a kata was remembered, from how it was passed."""
    if one.hints or one.tries > MANY_CHECKS:
        return Rating.HARD
    in_time = minutes is None or one.worked <= 60 * minutes
    return Rating.EASY if one.tries == 1 and in_time else Rating.GOOD


def _review(one: Pass, minutes: int | None) -> Review:
    return Review(one.at, "kata", one.kata, "", rating_of(one, minutes), _words(one, minutes))


def _words(one: Pass, minutes: int | None) -> str:
    """What stood out, for whoever asks later why the kata is due."""
    if one.hints:
        return f"it took {one.hints} hint{'s' * (one.hints > 1)} the last time"
    if one.tries > MANY_CHECKS:
        return f"it took {one.tries} checks the last time"
    if minutes is not None and one.worked > 60 * minutes:
        return f"it took {one.worked / 60:.0f} minutes instead of {minutes} the last time"
    return ""


def refresh(connection: Connection, keys: Iterable[Key]) -> None:
    """Make cards anew from all of their reviews, in the order of time."""
    for key in keys:
        card = _replay(reviews.of_card(connection, key))
        reviews.put_card(connection, key, card.due.timestamp(), card.to_json())


def _replay(history: list[tuple[float, int]]) -> Any:
    import fsrs

    # the id would otherwise be the time of day, and cost a millisecond
    card = fsrs.Card(card_id=0, due=datetime.fromtimestamp(0, UTC))
    for at, rating in history:
        moment = datetime.fromtimestamp(at, UTC)
        card, _ = _scheduler().review_card(card, fsrs.Rating(rating), moment)
    return card


@cache
def _scheduler() -> Any:
    """Whole days only: nobody writes the same kata again after ten minutes."""
    import fsrs

    return fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
