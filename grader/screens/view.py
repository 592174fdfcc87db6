"""What full-screen programs share: the look, threads beside the keys, an honest end."""

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message

from grader.errors import GraderError
from grader.screens import look


@dataclass
class Trouble(Message):
    """What a thread could not do."""

    problem: Exception


class View(App[None]):
    """A program on the whole terminal; what goes wrong in it is told there, or raised at its end."""

    ENABLE_COMMAND_PALETTE = False
    CSS = look.CSS
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (72, "-narrow"), (120, "-wide")]  # noqa: RUF012  (textual's)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", show=False, priority=True)
    ]

    def __init__(self) -> None:
        super().__init__()
        self.bug: Exception | None = None
        self.interrupted = False

    @on(events.Mount)
    def dress(self) -> None:
        self.theme = look.THEME

    def aside(self, work: Callable[[], None]) -> threading.Thread:
        """A thread whose troubles are told here.  Leaving does not wait for it."""

        def run() -> None:
            with contextlib.suppress(RuntimeError):  # nobody left to tell
                try:
                    work()
                except Exception as problem:  # judged where it is heard
                    self.post_message(Trouble(problem))

        return threading.Thread(target=run, daemon=True)

    @on(Trouble)
    def tell(self, message: Trouble) -> None:
        if isinstance(message.problem, GraderError):
            self.notify(str(message.problem), severity="error", markup=False)
        else:
            self.fail(message.problem)

    def fail(self, bug: Exception) -> None:
        self.bug = bug
        self.exit()

    def action_interrupt(self) -> None:
        self.interrupted = True
        self.exit()

    def run_to_the_end(self) -> None:
        """Until the learner leaves; an interrupt or a bug is raised again, outside the view."""
        for stale in ("COLUMNS", "LINES"):  # exported by some shells; only the terminal knows
            os.environ.pop(stale, None)
        self.run()
        if self.bug is not None:
            raise self.bug
        if self.return_code:
            raise RuntimeError("the view has ended with the error above")
        if self.interrupted:
            raise KeyboardInterrupt
