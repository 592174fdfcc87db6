"""Checks in threads of their own, so that no attempt can block a key; only the newest is heard."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.errors import GraderError
from grader.pipeline import OnNews
from grader.verdict import Verdict

AT_ONCE = 2  # an endless loop may be on its way out while the repaired attempt is checked


@dataclass(frozen=True, slots=True)
class Begun:
    """A check has started."""


@dataclass(frozen=True, slots=True)
class News:
    """Something that a running check says: `planned` or `case`."""

    news: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The end: a verdict, or what is wrong with the attempt; anything else is a bug."""

    end: Verdict | GraderError | Exception


Heard = Callable[[Begun | News | Done], None]


class _Outdated(Exception):
    """Nobody waits for this check any more."""


class Checker:
    """Starts a check for each `ask`; one that is outdated ends with its next news, unheard."""

    def __init__(self, check: Callable[[OnNews], Verdict], hear: Heard) -> None:
        self.check = check
        self.hear = hear
        self.newest = 0
        self.slots = threading.Semaphore(AT_ONCE)

    def ask(self) -> None:
        self.newest += 1
        # a daemon: leaving while an endless loop is being graded waits for nothing
        threading.Thread(target=self._run, args=(self.newest,), daemon=True).start()

    def drop(self) -> None:
        """Whatever runs is outdated."""
        self.newest += 1

    def _run(self, number: int) -> None:
        try:
            with self.slots:
                self._tell(number, Begun())
                end: Verdict | Exception = self.check(lambda news: self._tell(number, News(news)))
                self._tell(number, Done(end))
        except _Outdated:
            return
        except Exception as problem:  # handed on: the screen shows it, or ends with it
            if number == self.newest:
                self.hear(Done(problem))

    def _tell(self, number: int, what: Begun | News | Done) -> None:
        if number != self.newest:
            raise _Outdated
        self.hear(what)
