"""The whole history as JSON lines, out and in again.  What is there already is not doubled."""

import hashlib
import json
import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from grader.errors import GraderError
from grader.history import database, entry, schema
from grader.history.reviews import Key
from grader.verdict import verdict_from_json

FORMAT = 1
_LATEST = 253_402_214_400.0  # the end of the year 9999, where calendars stop
_NUMBER, _TEXT, _WHOLE, _SHARE = (float, int), (str,), (int,), (float, int, type(None))
_TABLES: dict[str, dict[str, tuple[type, ...]]] = {
    "check": {
        **dict.fromkeys(("at", "seconds", "begun", "worked"), _NUMBER),
        **dict.fromkeys(("day", "kata", "flavour", "device", "outcome", "mistake"), _TEXT),
        **dict.fromkeys(("selected", "passed", "total", "tries", "hints"), _WHOLE),
        **dict.fromkeys(("given", "fresh"), _WHOLE),
        **dict.fromkeys(("correct", "robust", "fast"), _SHARE),
        "attempt": _TEXT,
    },
    "event": {"at": _NUMBER, **dict.fromkeys(("kata", "kind", "detail"), _TEXT)},
    "review": {
        "at": _NUMBER,
        **dict.fromkeys(("kind", "kata", "name", "detail"), _TEXT),
        "rating": _WHOLE,
    },
    "interview": {"at": _SHARE, "kind": (str, type(None)), "state": _TEXT},
    "interview_event": {
        "at": _SHARE,
        **dict.fromkeys(("kind", "detail"), (str, type(None))),
    },
}
# by these a row is known again; what is not named may differ in text, not in meaning
_SAME = {
    "check": ("at", "kata", "flavour", "attempt"),
    "event": ("at", "kata", "kind", "detail"),
    "review": ("at", "kind", "kata", "name"),
    "interview": ("at",),
    "interview_event": ("interview", "at", "kind", "detail"),
}


class BadImport(GraderError):
    """A line that is not one of an export; nothing of the file was taken."""

    kind = "bad-import"

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"Line {line}: {problem}.\nNothing was imported.")


def dump() -> Iterator[str]:
    """The lines of an export."""
    header = json.dumps({"type": "kata-history", "format": FORMAT, "version": schema.VERSION})
    if not database.file().exists():
        yield header
        return
    with database.reading() as connection:
        yield header  # not before it is known that the file can be read
        for key, packed in connection.execute("SELECT hash, packed FROM snapshots ORDER BY id"):
            yield _line("snapshot", hash=key, text=entry.text_of(packed))
        columns = ", ".join(f"checks.{name}" for name in _TABLES["check"])
        query = (
            f"SELECT snapshots.hash, verdicts.packed, {columns} FROM checks"
            " JOIN snapshots ON snapshots.id = checks.snapshot"
            " JOIN verdicts ON verdicts.id = checks.id ORDER BY checks.id"
        )
        for key, packed, *values in connection.execute(query):
            fields = dict(zip(_TABLES["check"], values, strict=True))
            yield _line("check", **fields, snapshot=key, verdict=entry.unpack(packed))
        yield from _dump(connection, "event")
        yield from _dump(connection, "review")
        yield from _dump(connection, "interview", "id")
        yield from _dump(connection, "interview_event", "interview")


def _dump(connection: sqlite3.Connection, kind: str, *more: str) -> Iterator[str]:
    names = (*more, *_TABLES[kind])
    for values in connection.execute(f"SELECT {', '.join(names)} FROM {kind}s ORDER BY id"):
        yield _line(kind, **dict(zip(names, values, strict=True)))


def _line(kind: str, /, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields}, ensure_ascii=True, separators=(",", ":"))


def load(
    lines: Iterable[str], refresh: Callable[[sqlite3.Connection, set[Key]], None]
) -> dict[str, int]:
    """Take in an export, all of it or nothing: how many rows of each kind were new."""
    with database.transaction() as connection:
        reader = _Reader(connection)
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    reader.take(line)
                except (ValueError, KeyError, TypeError, AttributeError) as problem:
                    words = f"no field {problem}" if isinstance(problem, KeyError) else str(problem)
                    raise BadImport(number, words) from None
        if not reader.begun:
            raise BadImport(1, "not the export of a kata history")
        refresh(connection, reader.cards)
    return reader.new


class _Reader:
    """Takes one line after the other; knows which ids of the file became which of ours."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.begun = False
        self.new = dict.fromkeys(_TABLES, 0)
        self.cards: set[Key] = set()
        self.snapshots: dict[str, int] = {}
        self.interviews: dict[Any, int] = {}

    def take(self, line: str) -> None:
        record = json.loads(line, parse_constant=_refuse)
        kind = record.pop("type")
        if not self.begun:
            self._begin(kind, record)
        elif kind == "snapshot":
            self._snapshot(record)
        elif kind == "check":
            self._check(record)
        elif kind in _TABLES:
            self._row(kind, record)
        else:
            raise ValueError(f"no kind of row is called {kind!r}")

    def _begin(self, kind: str, record: dict[str, Any]) -> None:
        if kind != "kata-history":
            raise ValueError("not the export of a kata history")
        if record["format"] > FORMAT:
            raise ValueError("written by a newer kata; update this one")
        self.begun = True

    def _snapshot(self, record: dict[str, Any]) -> None:
        text = record["text"]
        if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != record["hash"]:
            raise ValueError("the text of a snapshot was changed: its hash is another")
        self.snapshots[record["hash"]] = entry.store(self.connection, text)

    def _check(self, record: dict[str, Any]) -> None:
        columns = _columns("check", record)
        verdict = verdict_from_json(record["verdict"]).to_json()
        if not self._known("check", columns):
            columns["snapshot"] = self.snapshots[record["snapshot"]]
            entry.add(self.connection, columns, verdict)
            self.new["check"] += 1

    def _row(self, kind: str, record: dict[str, Any]) -> None:
        columns = _columns(kind, record)
        if kind == "review":
            _check_review(columns)
            self.cards.add((columns["kind"], columns["kata"], columns["name"]))
        if kind == "interview_event":
            columns["interview"] = self.interviews[record["interview"]]
        ours = self._known(kind, columns)
        if not ours:
            ours = _insert(self.connection, kind, columns)
            self.new[kind] += 1
        if kind == "interview":
            self.interviews[record["id"]] = ours
            self._close(ours, columns)

    def _close(self, ours: int, columns: dict[str, Any]) -> None:
        """An interview that is open here may have gone on, and ended, elsewhere."""
        if columns["kind"] == "closed":
            self.connection.execute(
                "UPDATE interviews SET kind = 'closed', state = ? WHERE id = ? AND kind = 'open'",
                (columns["state"], ours),
            )

    def _known(self, kind: str, columns: dict[str, Any]) -> int:
        where = " AND ".join(f"{name} IS ?" for name in _SAME[kind])
        found = self.connection.execute(
            f"SELECT id FROM {kind}s WHERE {where}", [columns[name] for name in _SAME[kind]]
        ).fetchone()
        return int(found[0]) if found else 0


def _columns(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    columns = {name: record[name] for name in _TABLES[kind]}
    for name, types in _TABLES[kind].items():
        value = columns[name]
        if not isinstance(value, types) or isinstance(value, bool):
            raise ValueError(f"{name} cannot be {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{name} is not a number")
    for name in ("at", "begun"):
        if columns.get(name) is not None and not 0 <= columns[name] < _LATEST:
            raise ValueError(f"{name} is no moment: {columns[name]!r}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", columns.get("kata", "kata")):
        raise ValueError(f"no kata can be called {columns['kata']!r}")
    return columns


def _check_review(columns: dict[str, Any]) -> None:
    if columns["rating"] not in (1, 2, 3, 4) or columns["kind"] not in ("kata", "question"):
        raise ValueError("not a review of a kata or a question")


def _insert(connection: sqlite3.Connection, kind: str, columns: dict[str, Any]) -> int:
    marks = ", ".join("?" * len(columns))
    cursor = connection.execute(
        f"INSERT INTO {kind}s ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values())
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")
