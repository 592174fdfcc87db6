"""The hints of a kata, from a nudge to nearly there, and how many of them were taken."""

import re

from grader import history
from grader.catalogue import Kata


def load(kata: Kata) -> list[str]:
    text = (kata.folder / "hints.md").read_text("utf-8")
    return [hint.strip() for hint in re.split(r"^## +\d.*\n", text, flags=re.M)[1:]]


def taken(kata: Kata) -> int:
    """How many were shown since the attempt was begun."""
    return min(history.count(kata.slug, "hint"), len(load(kata)))


def take(kata: Kata) -> int:
    """The number of the next hint, from one on, remembered; after the last one, the last again."""
    number = taken(kata) + 1
    if number > len(load(kata)):
        return number - 1
    history.note(kata.slug, "hint", str(number))
    return number
