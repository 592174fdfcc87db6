"""Everything that the learner did, in one SQLite file.  Rows are only ever added."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import paths
from grader.errors import GraderError
from grader.verdict import Verdict, verdict_from_json

VERSION = 1
_SCHEMA = """
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kata TEXT NOT NULL,
    flavour TEXT NOT NULL,
    outcome TEXT NOT NULL,
    seconds REAL NOT NULL,
    verdict TEXT NOT NULL,
    attempt TEXT NOT NULL,
    snapshot TEXT NOT NULL
);
CREATE INDEX checks_of_kata ON checks (kata, id);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kata TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX events_of_kata ON events (kata, kind);
"""


class DamagedHistory(GraderError):
    """The file is not ours to write."""

    kind = "damaged-history"


@dataclass(frozen=True, slots=True)
class Check:
    """One recorded check, with the attempt as it was."""

    id: int
    at: float
    verdict: Verdict
    attempt: str
    snapshot: str


def file() -> Path:
    return paths.home() / "history.sqlite"


def record(verdict: Verdict, attempt: Path, snapshot: str) -> None:
    with _open() as database:
        database.execute(
            "INSERT INTO checks (at, kata, flavour, outcome, seconds, verdict, attempt, snapshot)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(time.time(), verdict.kata, verdict.flavour, verdict.outcome.value),
                *(verdict.seconds, json.dumps(verdict.to_json()), str(attempt), snapshot),
            ),
        )


def note(kata: str, kind: str, detail: str = "") -> None:
    """An event that is no check: new, hint, reveal, reset."""
    with _open() as database:
        database.execute(
            "INSERT INTO events (at, kata, kind, detail) VALUES (?, ?, ?, ?)",
            (time.time(), kata, kind, detail),
        )


def last_check(kata: str | None = None) -> Check | None:
    if not file().exists():
        return None
    where, values = ("WHERE kata = ?", [kata]) if kata else ("", [])
    with _open() as database:
        row = database.execute(
            "SELECT id, at, verdict, attempt, snapshot FROM checks"
            f" {where} ORDER BY id DESC LIMIT 1",
            values,
        ).fetchone()
    if row is None:
        return None
    return Check(row[0], row[1], verdict_from_json(json.loads(row[2])), row[3], row[4])


def states() -> dict[str, str]:
    """'passed' or 'tried' for each kata that was ever checked in full."""
    if not file().exists():
        return {}
    with _open() as database:
        rows = database.execute(
            "SELECT kata, MAX(outcome = 'passed') FROM checks GROUP BY kata"
        ).fetchall()
    return {kata: "passed" if passed else "tried" for kata, passed in rows}


def count(kata: str, kind: str) -> int:
    """How many events of one kind a kata has seen since its attempt was begun."""
    if not file().exists():
        return 0
    with _open() as database:
        (begun,) = database.execute(
            "SELECT COALESCE(MAX(id), 0) FROM events WHERE kata = ? AND kind IN ('new', 'reset')",
            (kata,),
        ).fetchone()
        (number,) = database.execute(
            "SELECT COUNT(*) FROM events WHERE kata = ? AND kind = ? AND id > ?",
            (kata, kind, begun),
        ).fetchone()
    return int(number)


@contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    """A transaction on the history, made or brought up to date first."""
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        database = sqlite3.connect(path, timeout=30)
        with closing(database):
            database.execute("PRAGMA journal_mode = WAL")
            _bring_up_to_date(database, path)
            with database:
                yield database
    except sqlite3.OperationalError as problem:
        raise DamagedHistory(f"{path}: {problem}") from None
    except sqlite3.DatabaseError:
        aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
        os.replace(path, aside)
        raise DamagedHistory(
            f"The history was damaged. It is kept as {aside}.\nType the command again: it starts anew."
        ) from None


def _bring_up_to_date(database: sqlite3.Connection, path: Path) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    if version > VERSION:
        raise DamagedHistory(
            f"{path} was written by a newer kata (version {version}; this one knows {VERSION}).\n"
            "Update this one: pip install --upgrade torch-katas"
        )
    with database:
        database.execute("BEGIN EXCLUSIVE")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version < VERSION:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
