"""The recorded checks: each with its verdict and the attempt as it was."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.history import database, entry
from grader.verdict import Verdict, verdict_from_json


@dataclass(frozen=True, slots=True)
class Check:
    """One recorded check, with the attempt as it was."""

    id: int
    at: float
    verdict: Verdict
    attempt: str
    snapshot: str


@dataclass(frozen=True, slots=True)
class Line:
    """A check as a list shows it."""

    id: int
    at: float
    kata: str
    flavour: str
    device: str
    outcome: str
    selected: bool
    passed: int
    total: int
    mistake: str
    tries: int
    worked: float


def record(verdict: Verdict, attempt: Path, snapshot: str, at: float | None = None) -> int:
    """Remember a check, of now or of `at`; it is on disk when this returns."""
    try:
        edited = attempt.stat().st_mtime
    except OSError:
        edited = None
    with database.transaction() as connection:
        moment = time.time() if at is None else at
        return entry.insert(connection, moment, verdict.to_json(), str(attempt), snapshot, edited)


def last_check(kata: str | None = None) -> Check | None:
    where, values = ("WHERE kata = ?", [kata]) if kata else ("", [])
    found = database.rows(f"SELECT id FROM checks {where} ORDER BY id DESC LIMIT 1", values)
    return find(found[0][0]) if found else None


def find(number: int) -> Check:
    found = database.rows(
        "SELECT checks.id, at, verdicts.packed, attempt, snapshots.packed FROM checks"
        " JOIN verdicts ON verdicts.id = checks.id"
        " JOIN snapshots ON snapshots.id = checks.snapshot WHERE checks.id = ?",
        [number],
    )
    if not found:
        raise GraderError(f"No check number {number}.\nSee them with: kata history")
    key, at, verdict, attempt, snapshot = found[0]
    return Check(
        key, at, verdict_from_json(entry.unpack(verdict)), attempt, entry.text_of(snapshot)
    )


def lines(kata: str | None = None, limit: int | None = None) -> list[Line]:
    """The newest checks, newest first."""
    where, values = ("WHERE kata = ?", [kata]) if kata else ("", [])
    bound: list[Any] = [*values, -1 if limit is None else limit]
    found = database.rows(
        "SELECT id, at, kata, flavour, device, outcome, selected, passed, total, mistake, tries,"
        f" worked FROM checks {where} ORDER BY id DESC LIMIT ?",
        bound,
    )
    return [Line(*row) for row in found]


def total(kata: str | None = None) -> int:
    where, values = ("WHERE kata = ?", [kata]) if kata else ("", [])
    found = database.rows(f"SELECT COUNT(*) FROM checks {where}", values)
    return int(found[0][0]) if found else 0


def states() -> dict[str, str]:
    """'passed' for each kata that a full check passed, 'tried' for each other that was checked."""
    # from one name to the next in the index: as quick after 100,000 checks as after ten
    found = database.rows(
        "WITH RECURSIVE names (kata) AS (SELECT MIN(kata) FROM checks UNION ALL"
        " SELECT (SELECT MIN(kata) FROM checks WHERE checks.kata > names.kata) FROM names"
        " WHERE kata IS NOT NULL)"
        " SELECT kata, EXISTS (SELECT 1 FROM checks WHERE checks.kata = names.kata"
        " AND outcome = 'passed' AND selected = 0) FROM names WHERE kata IS NOT NULL"
    )
    return {kata: "passed" if passed else "tried" for kata, passed in found}
