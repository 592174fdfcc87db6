"""Checks in threads of their own, so that no attempt can block a key; only the newest is heard."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.message import Message

from grader.pipeline import OnNews
from grader.verdict import Verdict

AT_ONCE = 2  # an endless loop may be on its way out while the repaired attempt is checked


@dataclass
class News(Message):
    """What a running check says: `planned` or `case`."""

    number: int
    news: dict[str, Any]


@dataclass
class Done(Message):
    """The end of a check: a verdict, or why there is none (a GraderError, else a bug of ours)."""

    number: int
    end: Verdict | Exception


class Checker:
    """Starts a check for each `ask`; one that is outdated ends with its next news.

    A message whose number is not `newest` is of an outdated check: it was on its way already.
    """

    def __init__(
        self, check: Callable[[OnNews], Verdict], post: Callable[[Message], object]
    ) -> None:
        self.check = check
        self.post = post
        self.newest = 0
        self.slots = threading.Semaphore(AT_ONCE)

    def ask(self) -> None:
        self.newest += 1
        # a daemon: leaving while an endless loop is being graded waits for nothing
        threading.Thread(target=self._run, args=(self.newest,), daemon=True).start()

    def drop(self) -> None:
        """Whatever still runs is outdated."""
        self.newest += 1

    def _run(self, number: int) -> None:
        end: Verdict | Exception
        try:
            with self.slots:
                self._heed(number)
                end = self.check(lambda news: self._heed(number, News(number, news)))
        except Exception as problem:  # judged where it is heard
            end = problem
        with contextlib.suppress(_Outdated, RuntimeError):  # or the view itself has gone
            self._heed(number, Done(number, end))

    def _heed(self, number: int, message: Message | None = None) -> None:
        if number != self.newest:
            raise _Outdated
        if message is not None:
            self.post(message)


class _Outdated(Exception):
    """Nobody waits for this check any more."""
