"""What the learner did that is no check: new, hint, reveal, reset, restore."""

import time

from grader.history import database


def note(kata: str, kind: str, detail: str = "", at: float | None = None) -> None:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO events (at, kata, kind, detail) VALUES (?, ?, ?, ?)",
            (time.time() if at is None else at, kata, kind, detail),
        )


def count(kata: str, kind: str) -> int:
    """How many events of one kind a kata has seen since its attempt was begun."""
    found = database.rows(
        "SELECT COUNT(*) FROM events WHERE kata = ? AND kind = ? AND id >"
        " COALESCE((SELECT id FROM events WHERE kata = ? AND kind IN ('new', 'reset')"
        " ORDER BY id DESC LIMIT 1), 0)",
        (kata, kind, kata),
    )
    return int(found[0][0]) if found else 0
