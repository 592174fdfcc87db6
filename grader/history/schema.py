"""The tables, as migrations: each step turns a file of one version into the next, and never changes."""

import json
import sqlite3

from grader.history import entry


def migrate(database: sqlite3.Connection, version: int) -> None:
    """From `version` to the newest, in the caller's transaction."""
    for step in _STEPS[version:]:
        step(database)
    database.execute(f"PRAGMA user_version = {VERSION}")


def _first(database: sqlite3.Connection) -> None:
    _run(database, _FIRST)


def _second(database: sqlite3.Connection) -> None:
    """Columns for what lists need, each text of an attempt once, reviews and interviews."""
    old = database.execute(
        "SELECT at, verdict, attempt, snapshot FROM checks ORDER BY id"
    ).fetchall()
    _run(database, _SECOND)
    for at, verdict, attempt, snapshot in old:
        entry.insert(database, at, json.loads(verdict), attempt, snapshot)


def _run(database: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";"):  # executescript would commit what is under way
        database.execute(statement)


_FIRST = """
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
CREATE INDEX events_of_kata ON events (kata, kind)
"""

_SECOND = """
DROP TABLE checks;
DROP INDEX events_of_kata;
CREATE INDEX events_of_kata ON events (kata);
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    packed BLOB NOT NULL
);
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    day TEXT NOT NULL,
    kata TEXT NOT NULL,
    flavour TEXT NOT NULL,
    device TEXT NOT NULL,
    outcome TEXT NOT NULL,
    selected INTEGER NOT NULL,
    seconds REAL NOT NULL,
    passed INTEGER NOT NULL,
    total INTEGER NOT NULL,
    correct REAL,
    robust REAL,
    fast REAL,
    mistake TEXT NOT NULL,
    begun REAL NOT NULL,
    tries INTEGER NOT NULL,
    worked REAL NOT NULL,
    hints INTEGER NOT NULL,
    given INTEGER NOT NULL,
    fresh INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    attempt TEXT NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshots
);
CREATE INDEX checks_of_kata ON checks (kata, id);
CREATE INDEX checks_by_outcome ON checks (kata, outcome, selected);
CREATE INDEX checks_by_day ON checks (day);
CREATE INDEX checks_by_time ON checks (at);
CREATE INDEX checks_of_snapshot ON checks (snapshot, kata, outcome);
CREATE INDEX first_tries ON checks (kata, at, outcome, correct, robust, fast)
    WHERE tries = 1 AND selected = 0;
CREATE INDEX fresh_passes ON checks (kata, begun, at, tries, worked, hints, given)
    WHERE fresh = 1;
CREATE INDEX unsettled_passes ON checks (id) WHERE fresh = 1 AND settled = 0;
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY REFERENCES checks,
    packed BLOB NOT NULL
);
CREATE TABLE mistakes (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kata TEXT NOT NULL,
    begun REAL NOT NULL,
    mistake TEXT NOT NULL,
    title TEXT NOT NULL,
    UNIQUE (kata, begun, mistake)
);
CREATE INDEX mistakes_by_name ON mistakes (kata, mistake, at, title);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    kata TEXT NOT NULL,
    name TEXT NOT NULL,
    rating INTEGER NOT NULL,
    detail TEXT NOT NULL,
    UNIQUE (kind, kata, name, at)
);
CREATE INDEX reviews_of_card ON reviews (kind, kata, name, at, rating);
CREATE TABLE cards (
    kind TEXT NOT NULL,
    kata TEXT NOT NULL,
    name TEXT NOT NULL,
    due REAL NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (kind, kata, name)
);
CREATE INDEX cards_by_due ON cards (kind, due);
CREATE INDEX events_by_time ON events (at);
ALTER TABLE events ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
CREATE INDEX unsettled_reveals ON events (id) WHERE kind = 'reveal' AND settled = 0;
CREATE TABLE interviews (
    id INTEGER PRIMARY KEY,
    at REAL,
    kind TEXT,
    state TEXT NOT NULL
);
CREATE TABLE interview_events (
    id INTEGER PRIMARY KEY,
    interview INTEGER,
    at REAL,
    kind TEXT,
    detail TEXT
);
CREATE INDEX events_of_interview ON interview_events (interview, id)
"""

_STEPS = (_first, _second)
VERSION = len(_STEPS)
