"""One check as it is stored: what lists need in columns, the verdict packed, the attempt's text once."""

import itertools
import json
import sqlite3
import time
import zlib
from typing import Any

IDLE = 300.0  # of a longer gap between two signs of life, only so many seconds were work


def insert(
    database: sqlite3.Connection,
    at: float,
    verdict: dict[str, Any],
    attempt: str,
    text: str,
    edited: float | None = None,
) -> int:
    """Add a check, seen against what came before it.  `edited`: when the file was saved last."""
    kata = verdict["kata"]
    snapshot = store(database, text)
    columns = {
        **of_verdict(verdict),
        **_circumstances(database, kata, at, edited, selected=verdict["selected"]),
        **{"at": at, "day": day(at), "attempt": attempt, "snapshot": snapshot},
    }
    full_pass = verdict["outcome"] == "passed" and not verdict["selected"]
    columns["fresh"] = full_pass and not _passed_before(database, kata, columns["begun"], snapshot)
    return add(database, columns, verdict)


def add(database: sqlite3.Connection, columns: dict[str, Any], verdict: dict[str, Any]) -> int:
    """Add a check whose columns are known, as an import knows them."""
    marks = ", ".join("?" * len(columns))
    cursor = database.execute(
        f"INSERT INTO checks ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values())
    )
    assert cursor.lastrowid is not None
    database.execute("INSERT INTO verdicts VALUES (?, ?)", (cursor.lastrowid, pack(verdict)))
    database.executemany(
        "INSERT OR IGNORE INTO mistakes (at, kata, begun, mistake, title) VALUES (?, ?, ?, ?, ?)",
        [
            (columns["at"], columns["kata"], columns["begun"], one["mistake"], one["title"])
            for one in verdict["diagnosis"]
        ],
    )
    return cursor.lastrowid


def of_verdict(verdict: dict[str, Any]) -> dict[str, Any]:
    cases = verdict["cases"]
    named = [one["title"] for one in verdict["diagnosis"]]
    return {
        **{key: verdict[key] for key in ("kata", "flavour", "device", "outcome", "seconds")},
        "selected": bool(verdict["selected"]),
        "passed": sum(case["outcome"] == "passed" for case in cases),
        "total": len(cases),
        **{level: _share(cases, level) for level in ("correct", "robust", "fast")},
        "mistake": named[0] if named else "",
    }


def _share(cases: list[dict[str, Any]], level: str) -> float | None:
    passed = [case["outcome"] == "passed" for case in cases if case["level"] == level]
    return sum(passed) / len(passed) if passed else None


def _circumstances(
    database: sqlite3.Connection, kata: str, at: float, edited: float | None, *, selected: bool
) -> dict[str, Any]:
    """When the attempt was begun, the checks and hints it took so far, the time worked on it."""
    event, started, detail = database.execute(
        "SELECT id, at, detail FROM events WHERE kata = ? AND kind IN ('new', 'reset')"
        " ORDER BY id DESC LIMIT 1",
        (kata,),
    ).fetchone() or (0, None, "")
    last = database.execute(
        "SELECT at, begun, tries, worked FROM checks WHERE kata = ? ORDER BY id DESC LIMIT 1",
        (kata,),
    ).fetchone()
    if last and started not in (None, last[1]):
        last = None  # the last check was of an older attempt
    begun = started if started is not None else last[1] if last else _first_edit(at, edited)
    seen = last[0] if last else begun
    events = database.execute(
        "SELECT at, kind FROM events WHERE kata = ? AND id > ?", (kata, event)
    ).fetchall()
    kinds = [kind for _, kind in events]
    signs = [moment for moment, _ in events] + ([] if edited is None else [edited])
    return {
        "begun": begun,
        "tries": (last[2] if last else 0) + (not selected),
        "worked": (last[3] if last else 0.0) + worked(seen, signs, at),
        "hints": kinds.count("hint"),
        "given": "reveal" in kinds or detail == "broken",
    }


def _first_edit(at: float, edited: float | None) -> float:
    return edited if edited is not None and 0 <= at - edited < IDLE else at


def worked(since: float, signs: list[float], until: float) -> float:
    """Seconds of work between two moments, given the signs of life between them."""
    moments = [since, *sorted(sign for sign in signs if since < sign < until), max(since, until)]
    return sum(min(b - a, IDLE) for a, b in itertools.pairwise(moments))


def _passed_before(database: sqlite3.Connection, kata: str, begun: float, snapshot: int) -> bool:
    """Was this attempt passed already, or is this an old answer brought back?"""
    return (
        database.execute(
            "SELECT 1 FROM checks WHERE kata = ? AND fresh = 1 AND begun = ?"
            " UNION ALL"
            " SELECT 1 FROM checks WHERE snapshot = ? AND kata = ? AND outcome = 'passed' LIMIT 1",
            (kata, begun, snapshot, kata),
        ).fetchone()
        is not None
    )


def store(database: sqlite3.Connection, text: str) -> int:
    """The id of a text, which is kept once however often it is checked."""
    import hashlib  # nobody who only reads the history needs it

    data = text.encode("utf-8", "surrogatepass")
    key = hashlib.sha256(data).hexdigest()
    known = database.execute("SELECT id FROM snapshots WHERE hash = ?", (key,)).fetchone()
    if known:
        return int(known[0])
    cursor = database.execute(
        "INSERT INTO snapshots (hash, packed) VALUES (?, ?)", (key, zlib.compress(data))
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def text_of(packed: bytes) -> str:
    return zlib.decompress(packed).decode("utf-8", "surrogatepass")


def pack(verdict: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(verdict, separators=(",", ":")).encode())


def unpack(packed: bytes) -> dict[str, Any]:
    verdict: dict[str, Any] = json.loads(zlib.decompress(packed))
    return verdict


def day(at: float) -> str:
    """The learner's own date at that moment."""
    return time.strftime("%Y-%m-%d", time.localtime(at))
