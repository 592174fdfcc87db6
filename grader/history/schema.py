"""The tables, as migrations: each step turns a file of one version into the next.  Steps never change."""

import json
import sqlite3
from collections.abc import Callable

from grader.history import rows


def migrate(database: sqlite3.Connection, version: int) -> None:
    """From `version` to the newest, in the caller's transaction."""
    for step in _STEPS[version:]:
        step(database)
    database.execute(f"PRAGMA user_version = {VERSION}")


def _first(database: sqlite3.Connection) -> None:
    _run(database, _FIRST)


def _second(database: sqlite3.Connection) -> None:
    """Columns for what lists need, and every text of an attempt stored once."""
    old = database.execute(
        "SELECT at, verdict, attempt, snapshot FROM checks ORDER BY id"
    ).fetchall()
    _run(database, _SECOND)
    for at, verdict, attempt, snapshot in old:
        rows.insert(database, at, json.loads(verdict), attempt, snapshot)


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
CREATE INDEX events_of_kata ON events (kata, kind);
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
