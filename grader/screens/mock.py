"""kata mock on a whole terminal: the brief, the clocks, the counts; the person's own editor beside it."""

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import ContentSwitcher, Footer, Markdown, Static, TextArea

from grader import editor
from grader.errors import GraderError
from grader.interview import handin
from grader.interview.interview import Ending
from grader.interview.session import Checking, Session
from grader.screens import look
from grader.screens.mock_panes import Clock, Parts, Questions
from grader.screens.reading import Reading, Sure
from grader.screens.view import View

LOOK_SECONDS = 0.4


@dataclass
class Ended(Message):
    """A check that ran in a thread of its own."""

    end: Checking | Exception


class Mock(View):
    """The keys and the clock; what may happen is the session's."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (96, "-wide")]  # noqa: RUF012  (not ClassVar)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", "check"),
        Binding("e", "edit", "edit"),
        Binding("s", "submit", "submit"),
        Binding("n", "step(1)", "next"),
        Binding("p", "step(-1)", "back"),
        Binding("h", "hint", "hint"),
        Binding("x", "hand_in", "end"),
        Binding("q", "quit", "leave"),
        Binding("escape", "unfocus", "back to the keys"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]
    CSS = (
        look.CSS
        + """
    #middle { height: 1fr; margin: 1 0 0 0; }
    #place { width: 1fr; }
    #brief { padding: 0 1; }
    #state { width: 44; height: 1fr; border-left: solid $primary; }
    #told { height: auto; max-height: 8; padding: 1 1 0 1; }
    .-narrow #middle { layout: vertical; margin: 0; }
    .-narrow #place { height: 1fr; width: 100%; }
    .-narrow #state { width: 100%; height: auto; max-height: 6; dock: top; border-left: none; }
    .-narrow #told { padding: 0 1; max-height: 2; }
    """
    )

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.checking = ""  # the kata that is being checked
        self.shown = ""  # the part whose brief is in sight

    def compose(self) -> ComposeResult:
        yield Clock()
        with Horizontal(id="middle"):
            with ContentSwitcher(id="place", initial="brief"):
                with VerticalScroll(id="brief"):
                    yield Markdown(open_links=False)
                with VerticalScroll(id="answers"):
                    yield Questions()
            with VerticalScroll(id="state", can_focus=False):
                yield Parts()
                yield Static(id="told", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    async def on_mount(self) -> None:
        self.guard(self.session.open)
        await self.draw()
        self.set_interval(LOOK_SECONDS, self.look)

    def guard(self, action: object, *arguments: object) -> None:
        """Carry out what may be refused with a sentence."""
        assert callable(action)
        try:
            action(*arguments)
        except GraderError as problem:
            self.session.told = str(problem)

    async def look(self) -> None:
        """Time, answers, saves: whatever goes on without a key."""
        self.heartbeat()
        if self.session.over:
            self.exit()
            return
        if not self.checking and (kata := self.session.saved()):
            self.begin_check(kata)
        await self.draw()

    def heartbeat(self) -> None:
        self.session.tick_clock()
        for name, reply in self.query_one(Questions).replies().items():
            self.session.answer(name, reply)
        if self.session.left() <= 0:
            handin.freeze(self.session, Ending.TIME)

    async def draw(self) -> None:
        interview, now = self.session.interview, time.time()
        self.query_one(Clock).show(interview, now)
        narrow = self.screen_stack[0].has_class("-narrow")
        self.query_one(Parts).show(interview, now, terse=narrow)
        told = f"Checking {self.checking} …" if self.checking else self.session.told
        self.query_one("#told", Static).update(told)
        self.query_one(Questions).show(interview.asked)
        if interview.current != self.shown:
            self.shown = interview.current
            await self.turn()

    async def turn(self) -> None:
        """The other part's brief, or the questions."""
        place, part = self.query_one(ContentSwitcher), self.session.part
        if part is None:
            place.current = "answers"
            self.query_one(Questions).begin()
            return
        place.current = "brief"
        await self.query_one(Markdown).update(self.session.brief())
        self.query_one("#brief").scroll_home(animate=False)
        self.query_one("#brief").focus()

    def action_check(self) -> None:
        if self.session.part is not None and not self.checking:
            self.begin_check(self.session.part.kata)

    def begin_check(self, kata: str) -> None:
        self.checking = kata
        threading.Thread(target=self.check, args=(kata,), daemon=True).start()

    def check(self, kata: str) -> None:
        """In a thread of its own: no attempt can block a key."""
        end: Checking | Exception
        try:
            end = self.session.check(kata)
        except Exception as problem:  # handed on: it ends the view with its traceback
            end = problem
        with contextlib.suppress(RuntimeError):  # nobody left to tell
            self.post_message(Ended(end))

    async def on_ended(self, message: Ended) -> None:
        self.checking = ""
        if isinstance(message.end, Exception):
            self.fail(message.end)
        elif not self.session.over:
            self.session.take(message.end)
            await self.draw()

    async def action_step(self, by: int) -> None:
        self.guard(self.session.step, by)
        await self.draw()

    async def action_submit(self) -> None:
        self.guard(self.session.submit)
        await self.draw()

    def action_hint(self) -> None:
        part = self.session.part
        if part is not None:
            self.guard(lambda: self.push_screen(Reading(part.kata, self.session.hint(), "h")))

    def action_hand_in(self) -> None:
        self.push_screen(Sure("Hand everything in now, and end the interview?"), self.hand_in)

    def hand_in(self, sure: bool | None) -> None:
        if sure:
            self.heartbeat()
            handin.freeze(self.session, Ending.FINISHED)
            self.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys there are, and so which the footer names."""
        if action == "unfocus":
            return isinstance(self.focused, TextArea)
        return self.session.interview.hints if action == "hint" else True

    def action_unfocus(self) -> None:
        self.set_focus(None)

    def action_edit(self) -> None:
        """The person's own editor on this very terminal; the clock and the saves go on behind it."""
        part = self.session.part
        if part is not None and part.path:
            self.guard(self.edit, part.path)

    def edit(self, path: str) -> None:
        with self.suspend(), editor.start(path) as opened:
            while opened.poll() is None:
                time.sleep(LOOK_SECONDS)
                self.heartbeat()
                if not self.session.over and (kata := self.session.saved()):
                    self.session.take(self.session.check(kata))


def run(session: Session) -> None:
    """Until the person leaves or the interview is over."""
    Mock(session).run_to_the_end()
