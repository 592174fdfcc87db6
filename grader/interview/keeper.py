"""The interview that is open now: each change is on disk before anybody sees it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.errors import GraderError
from grader.interview import store
from grader.interview.events import Event, Kind, apply
from grader.interview.interview import Interview


@dataclass(slots=True)
class Keeper:
    """Only one thread may call what changes it."""

    interview: Interview
    told: str = ""  # the newest sentence for the person

    @property
    def over(self) -> bool:
        return self.interview.ended is not None

    def happen(self, kind: Kind, **detail: Any) -> None:
        """A change."""
        before, event = self.interview, Event(kind, time.time(), detail)
        self.interview = apply(before, event)
        self.write(lambda: store.happen(before, event))

    def write(self, action: Callable[[], object]) -> None:
        """Something for the history.  With a full disk the interview goes on, and says so."""
        if problem := refusal(action):
            self.told = problem

    def note(self, sentence: str) -> None:
        """A sentence that the debrief repeats, once."""
        if sentence not in self.interview.notes:
            self.told = sentence
            self.happen(Kind.NOTED, text=sentence)


def refusal(action: Callable[[], object]) -> str:
    """Why the history did not take it; an empty text when it did."""
    try:
        action()
    except GraderError as problem:
        return f"Not stored: {problem}"
    return ""


def first_line(problem: object) -> str:
    return str(problem).partition("\n")[0]
