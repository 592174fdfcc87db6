"""What can happen in an interview, and what each event makes of its state."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from grader.interview.interview import QUESTIONS, Interview, check_from_json


class Kind(StrEnum):
    """What can happen in an interview."""

    BEGAN = "began"
    OPENED = "opened"  # a part's attempt was written
    MOVED = "moved"
    CHECKED = "checked"
    SUBMITTED = "submitted"
    HINTED = "hinted"
    ANSWERED = "answered"
    NOTED = "noted"  # a sentence for the debrief: a clock that jumped, a file that was gone
    ENDED = "ended"  # the attempts are frozen as they stand
    GRADED = "graded"
    TICKED = "ticked"  # the person says which key points an answer had


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    at: float
    detail: dict[str, Any]


def apply(interview: Interview, event: Event) -> Interview:
    """The state after one more event."""
    return _CHANGES[event.kind](interview, event)


def _began(interview: Interview, event: Event) -> Interview:
    return interview


def _opened(interview: Interview, event: Event) -> Interview:
    detail = event.detail
    return _with_part(interview, detail["kata"], path=detail["path"], saved=detail["saved"])


def _moved(interview: Interview, event: Event) -> Interview:
    stopped = _stop_clock(interview, event.at)
    return replace(stopped, current=event.detail["to"], since=event.at)


def _checked(interview: Interview, event: Event) -> Interview:
    check = check_from_json(event.detail["check"])
    part = interview.part(event.detail["kata"])
    news = part.follow_ups if check.passed and not part.passed else ()
    changed = _with_part(
        interview,
        part.kata,
        checks=(*part.checks, check),
        saved=event.detail["text"],
        submitted=part.submitted and part.handed == event.detail["text"],
    )
    return replace(changed, asked=(*interview.asked, *news))


def _submitted(interview: Interview, event: Event) -> Interview:
    detail = event.detail
    return _with_part(interview, detail["kata"], submitted=True, handed=detail["text"])


def _hinted(interview: Interview, event: Event) -> Interview:
    kata = event.detail["kata"]
    return _with_part(interview, kata, hints=interview.part(kata).hints + 1)


def _answered(interview: Interview, event: Event) -> Interview:
    return _with_asked(interview, event.detail["id"], reply=event.detail["reply"], ticked=None)


def _ticked(interview: Interview, event: Event) -> Interview:
    return _with_asked(interview, event.detail["id"], ticked=tuple(event.detail["points"]))


def _noted(interview: Interview, event: Event) -> Interview:
    return replace(interview, notes=(*interview.notes, event.detail["text"]))


def _ended(interview: Interview, event: Event) -> Interview:
    at = min(event.at, interview.deadline)
    interview = _stop_clock(interview, at)
    for kata, text in event.detail["texts"].items():
        interview = _with_part(interview, kata, text=text)
    return replace(interview, ended=at, ending=event.detail["ending"])


def _graded(interview: Interview, event: Event) -> Interview:
    return _with_part(interview, event.detail["kata"], verdict=event.detail["verdict"])


_CHANGES: dict[Kind, Callable[[Interview, Event], Interview]] = {
    Kind.BEGAN: _began,
    Kind.OPENED: _opened,
    Kind.MOVED: _moved,
    Kind.CHECKED: _checked,
    Kind.SUBMITTED: _submitted,
    Kind.HINTED: _hinted,
    Kind.ANSWERED: _answered,
    Kind.NOTED: _noted,
    Kind.ENDED: _ended,
    Kind.GRADED: _graded,
    Kind.TICKED: _ticked,
}


def _stop_clock(interview: Interview, at: float) -> Interview:
    """Put the running seconds down to the current part."""
    spent = interview.spent(interview.current, at)
    if interview.current == QUESTIONS:
        return replace(interview, question_spent=spent, since=at)
    return replace(_with_part(interview, interview.current, spent=spent), since=at)


def _with_part(interview: Interview, kata: str, **fields: Any) -> Interview:
    parts = [replace(one, **fields) if one.kata == kata else one for one in interview.parts]
    return replace(interview, parts=tuple(parts))


def _with_asked(interview: Interview, name: str, **fields: Any) -> Interview:
    asked = [replace(one, **fields) if one.id == name else one for one in interview.asked]
    return replace(interview, asked=tuple(asked))
