"""The interview that is open now: each change is on disk before anybody sees it."""

import time
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
        """A change.  With a full disk the interview goes on, and says so."""
        event = Event(kind, time.time(), detail)
        try:
            self.interview = store.happen(self.interview, event)
        except GraderError as problem:
            self.interview = apply(self.interview, event)
            self.told = f"Not stored: {problem}"

    def note(self, sentence: str) -> None:
        """A sentence that the debrief repeats, once."""
        if sentence not in self.interview.notes:
            self.happen(Kind.NOTED, text=sentence)
            self.told = sentence


def first_line(problem: object) -> str:
    return str(problem).partition("\n")[0]
