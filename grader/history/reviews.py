"""Reviews, and the cards made of them: a card is nothing but what its reviews add up to."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from grader.history import database

Key = tuple[str, str, str]  # kind, kata, name of the question ('' for the kata itself)


@dataclass(frozen=True, slots=True)
class Review:
    at: float
    kind: str  # kata or question
    kata: str
    name: str
    rating: int
    detail: str = ""

    @property
    def key(self) -> Key:
        return self.kind, self.kata, self.name


@dataclass(frozen=True, slots=True)
class Pass:
    """The first pass of an attempt, and what it took."""

    id: int
    at: float
    kata: str
    tries: int
    worked: float
    hints: int
    given: bool  # the answer was shown, or the attempt was begun from a whole file


def unsettled() -> bool:
    """Has anything happened that no review stands for yet?"""
    return bool(
        database.rows(
            "SELECT 1 FROM (SELECT id FROM checks WHERE fresh = 1 AND settled = 0)"
            " UNION ALL SELECT 1 FROM events WHERE kind = 'reveal' AND settled = 0 LIMIT 1"
        )
    )


def passes(connection: sqlite3.Connection) -> list[Pass]:
    """The fresh passes that no review stands for yet; they count as settled from now on."""
    found = connection.execute(
        "SELECT id, at, kata, tries, worked, hints, given FROM checks"
        " WHERE fresh = 1 AND settled = 0 ORDER BY id"
    ).fetchall()
    connection.execute("UPDATE checks SET settled = 1 WHERE fresh = 1 AND settled = 0")
    return [Pass(*row) for row in found]


def reveals(connection: sqlite3.Connection) -> list[tuple[float, str]]:
    """When which solution was looked at before it was found; settled from now on."""
    found = connection.execute(
        "SELECT id, at, kata FROM events WHERE kind = 'reveal' AND settled = 0 ORDER BY id"
    ).fetchall()
    connection.execute("UPDATE events SET settled = 1 WHERE kind = 'reveal' AND settled = 0")
    return [(at, kata) for number, at, kata in found if _gave_up(connection, number, at, kata)]


def _gave_up(connection: sqlite3.Connection, number: int, at: float, kata: str) -> bool:
    """The first reveal of its attempt, and before the attempt was passed?"""
    event, begun = connection.execute(
        "SELECT id, at FROM events WHERE kata = ? AND kind IN ('new', 'reset') AND id < ?"
        " ORDER BY id DESC LIMIT 1",
        (kata, number),
    ).fetchone() or (0, 0.0)
    earlier = connection.execute(
        "SELECT 1 FROM events WHERE kata = ? AND kind = 'reveal' AND id > ? AND id < ?"
        " UNION ALL"
        " SELECT 1 FROM checks WHERE fresh = 1 AND kata = ? AND begun >= ? AND at <= ? LIMIT 1",
        (kata, event, number, kata, begun, at),
    ).fetchone()
    return earlier is None


def add(connection: sqlite3.Connection, reviews: Iterable[Review]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO reviews (at, kind, kata, name, rating, detail)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(one.at, *one.key, one.rating, one.detail) for one in reviews],
    )


def of_card(connection: sqlite3.Connection, key: Key) -> list[tuple[float, int]]:
    """When a card was reviewed and how it went, oldest first."""
    return connection.execute(
        "SELECT at, rating FROM reviews WHERE kind = ? AND kata = ? AND name = ? ORDER BY at", key
    ).fetchall()


def put_card(connection: sqlite3.Connection, key: Key, due: float, state: str) -> None:
    connection.execute("INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?, ?)", (*key, due, state))


def due(kind: str) -> dict[tuple[str, str], float]:
    """When each card of a kind is due, by kata and name, soonest first."""
    found = database.rows(
        "SELECT kata, name, due FROM cards WHERE kind = ? ORDER BY due, kata, name", [kind]
    )
    return {(kata, name): moment for kata, name, moment in found}


def newest(limit: int) -> list[Review]:
    found = database.rows(
        "SELECT at, kind, kata, name, rating, detail FROM reviews ORDER BY id DESC LIMIT ?",
        [limit],
    )
    return [Review(*row) for row in found]


def last(kata: str) -> Review | None:
    """How the kata itself went the last time."""
    found = database.rows(
        "SELECT at, kind, kata, name, rating, detail FROM reviews"
        " WHERE kind = 'kata' AND kata = ? AND name = '' ORDER BY at DESC LIMIT 1",
        [kata],
    )
    return Review(*found[0]) if found else None
