"""Interviews in the history's file: the state and the event that led to it, written together and at once."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from grader import paths
from grader.errors import GraderError
from grader.history import database
from grader.interview.events import Event, Kind, apply
from grader.interview.interview import Interview, from_json

OPEN, CLOSED = "open", "closed"


class InterviewOpen(GraderError):
    """One interview at a time."""

    kind = "interview-open"


class NoInterview(GraderError):
    kind = "no-interview"


def begin(interview: Interview) -> Interview:
    """Store a new interview; refused while another one is open."""
    with database.transaction() as connection:
        row = connection.execute("SELECT id FROM interviews WHERE kind = ?", (OPEN,)).fetchone()
        if row:
            raise InterviewOpen(
                f"Interview {row[0]} is not over: there is one at a time.\n"
                "Go on with it: kata mock --resume\nEnd it with no debrief: kata mock --abandon"
            )
        cursor = connection.execute(
            "INSERT INTO interviews (at, kind, state) VALUES (?, ?, '{}')", (interview.begun, OPEN)
        )
        begun = replace(interview, number=cursor.lastrowid or 0)
        detail = {"plan": begun.to_json()}
        _write(connection, begun, Event(Kind.BEGAN, interview.begun, detail))
    return begun


def happen(interview: Interview, event: Event) -> Interview:
    """The interview after the event, on disk when this returns."""
    after = apply(interview, event)
    with database.transaction() as connection:
        _write(connection, after, event)
    return after


def _write(connection: Any, interview: Interview, event: Event) -> None:
    kind = OPEN if interview.ended is None else CLOSED
    # the row is missing when the file was damaged and set aside in the middle of the interview
    connection.execute(
        "INSERT INTO interviews (id, at, kind, state) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = excluded.state",
        (interview.number, interview.begun, kind, json.dumps(interview.to_json())),
    )
    connection.execute(
        "INSERT INTO interview_events (interview, at, kind, detail) VALUES (?, ?, ?, ?)",
        (interview.number, event.at, event.kind.value, json.dumps(event.detail)),
    )


def resume() -> Interview:
    """The interview that is open."""
    found = under_way()
    if found is None:
        raise NoInterview("No interview is open.\nStart one: kata mock")
    return found


def under_way() -> Interview | None:
    """The interview that is open, if one is."""
    found = database.rows(
        "SELECT id, state FROM interviews WHERE kind = ? ORDER BY id DESC LIMIT 1", (OPEN,)
    )
    return _read(*found[0]) if found else None


def no_help_with(kata: str) -> None:
    """Refuse what an interviewer would not give: an interview that is open holds this kata."""
    interview = under_way()
    if interview is not None and any(part.kata == kata for part in interview.parts):
        raise InterviewOpen(
            f"Interview {interview.number} is open and {kata} is part of it: no help until it is over."
            "\nGo on with it: kata mock --resume\nEnd it: kata mock --abandon"
        )


def finished(number: int | None) -> Interview:
    """The interview of this number, or the newest that there is, when it is over."""
    where, values = ("WHERE id = ?", (number,)) if number is not None else ("", ())
    found = database.rows(
        f"SELECT id, state FROM interviews {where} ORDER BY id DESC LIMIT 1", values
    )
    if not found:
        raise _none(number)
    interview = _read(*found[0])
    if interview.ended is None:
        raise InterviewOpen(
            f"Interview {interview.number} is not over.\nGo on with it: kata mock --resume"
        )
    return interview


def _read(number: int, state: str) -> Interview:
    """An imported interview may have had another number where it was held."""
    try:
        return replace(from_json(json.loads(state)), number=number)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoInterview(
            f"Interview {number} cannot be read: its row was changed or cut off.\n"
            "The others can: kata report ID"
        ) from None


def _none(number: int | None) -> NoInterview:
    there = database.rows("SELECT id FROM interviews ORDER BY id DESC LIMIT 12")
    if not there:
        return NoInterview("There was no interview yet.\nStart one: kata mock")
    known = ", ".join(str(row[0]) for row in there)
    return NoInterview(f"There is no interview {number}. There is: {known}.\nTry: kata report")


def events(number: int) -> list[Event]:
    found = database.rows(
        "SELECT kind, at, detail FROM interview_events WHERE interview = ? ORDER BY id", (number,)
    )
    return [Event(Kind(kind), at, json.loads(detail)) for kind, at, detail in found]


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time holds an interview; the kernel lets go of it when the process dies."""
    folder = paths.home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / "interview.lock", "w", encoding="ascii")  # noqa: SIM115
    except OSError as problem:
        raise GraderError(f"{folder} cannot be used: {problem.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InterviewOpen(
                "An interview is open in another terminal.\nGo on with it there, or end it there."
            ) from None
        yield
