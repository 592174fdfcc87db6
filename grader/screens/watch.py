"""kata watch on a whole terminal: one attempt, checked at the start, on each save and at a key."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Footer

from grader import hints, history, pipeline, questions, watching, workspace
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.pipeline import OnNews
from grader.questions import Question
from grader.screens.board import Board
from grader.screens.checker import Begun, Checker, Done, News
from grader.screens.reading import Reading, Sure
from grader.verdict import Verdict
from grader.warm import client

PATIENCE_SECONDS = 0.25  # a check that takes longer is shown as it goes


@dataclass
class Saved(Message):
    """The attempt has a new text."""


@dataclass
class Found(Message):
    """The devices that this machine has and this kata allows."""

    devices: list[str]


class Watch(App[None]):
    """The threads and the keys; what is in sight is the board's."""

    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [
        (0, "-narrow"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-short"), (20, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", "check"),
        Binding("n", "next", "next"),
        Binding("h", "hint", "hint"),
        Binding("e", "explain", "explain"),
        Binding("b", "brief", "brief"),
        Binding("d", "device", "device"),
        Binding("r", "reset", "reset"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]

    def __init__(self, kata: Kata, attempt: Path, flavour: str, device: str) -> None:
        super().__init__()
        self.kata = kata
        self.attempt = attempt
        self.flavour = flavour
        self.device = device
        self.devices: list[str] = []
        self.begun: float | None = None
        self.bug: Exception | None = None
        self.interrupted = False
        self.over = threading.Event()
        self.checker = Checker(self.check, self.post_message)
        self.watcher = self.aside(self.follow)

    def compose(self) -> ComposeResult:
        yield Board(self.kata, self.flavour)
        yield Footer(compact=True, show_command_palette=False)

    @property
    def board(self) -> Board:
        return self.screen_stack[0].query_one(Board)

    def on_mount(self) -> None:
        self.theme = "ansi-dark"  # the terminal's own colours on its own background
        self.board.say_where(self.device)
        self.set_interval(PATIENCE_SECONDS, self.tick)
        self.watcher.start()

    def on_unmount(self) -> None:
        self.checker.drop()
        self.over.set()
        self.watcher.join(timeout=2)

    def aside(self, work: Callable[[], None]) -> threading.Thread:
        """A thread whose bugs end the view with their traceback."""

        def run() -> None:
            with contextlib.suppress(RuntimeError):  # nobody left to tell
                try:
                    work()
                except Exception as problem:  # judged where it is heard
                    self.post_message(Done(problem))

        return threading.Thread(target=run, daemon=True)

    def check(self, on_news: OnNews) -> Verdict:
        """In a thread of the checker."""
        return pipeline.check_attempt(
            self.kata, self.attempt, self.flavour, self.device, on_news=on_news
        )

    def follow(self) -> None:
        """In a thread: the start, then each save."""
        for _ in watching.saves(self.attempt, self.over):
            self.post_message(Saved())

    def find_devices(self) -> None:
        """In a thread."""
        there = client.selftest()["devices"]
        self.post_message(
            Found([name for name in there if name.partition(":")[0] in self.kata.devices])
        )

    @on(Begun)
    def begin(self) -> None:
        self.begun = time.monotonic()

    @on(News)
    def take(self, message: News) -> None:
        self.board.take(message.news)

    def tick(self) -> None:
        if self.begun is not None and time.monotonic() - self.begun > PATIENCE_SECONDS:
            self.board.show_progress(time.monotonic() - self.begun)

    @on(Done)
    def finish(self, message: Done) -> None:
        self.begun = None
        if isinstance(message.end, Verdict):
            self.board.show_verdict(message.end)
        elif isinstance(message.end, GraderError):
            self.board.show_problem(str(message.end))
        else:
            self.bug = message.end
            self.exit()

    @on(Saved)
    def action_check(self) -> None:
        self.checker.ask()

    def action_next(self) -> None:
        self.board.next_failure()

    def action_brief(self) -> None:
        self.push_screen(Reading(self.kata.title, self.kata.brief(), "b"))

    def action_hint(self) -> None:
        """The last one taken for nothing, or the first; each further press takes another."""
        number = hints.taken(self.kata) or hints.take(self.kata)
        self.push_screen(Reading(*self.hint(number), "h", lambda: self.hint(hints.take(self.kata))))

    def hint(self, number: int) -> tuple[str, str]:
        known = hints.load(self.kata)
        return f"hint {number} of {len(known)}", known[number - 1]

    def action_explain(self) -> None:
        """The questions of the verdict first, then the others."""
        known = questions.load(self.kata.folder)
        verdict = self.board.verdict
        asked = verdict.questions if verdict and not verdict.passed else []
        known.sort(key=lambda one: asked.index(one.id) if one.id in asked else len(asked))
        text = "\n\n---\n\n".join(_spoken(question) for question in known)
        self.push_screen(Reading(f"{self.kata.title}: questions", text, "e"))

    def action_reset(self) -> None:
        question = (
            f"Start {self.kata.slug} again?\nThis attempt is archived, and can be brought back."
        )
        self.push_screen(Sure(question), self.reset)

    def reset(self, sure: bool | None) -> None:
        if not sure:
            return
        try:
            workspace.reset(self.kata, self.flavour)
            history.note(self.kata.slug, "reset")
        except GraderError as problem:
            self.board.show_problem(str(problem))

    def action_device(self) -> None:
        if self.devices:
            self.turn(Found(self.devices))
        else:
            self.aside(self.find_devices).start()

    @on(Found)
    def turn(self, message: Found) -> None:
        """To the next device, when there is another."""
        self.devices = message.devices
        verdict = self.board.verdict
        current = verdict.device if verdict else self.device
        place = self.devices.index(current) if current in self.devices else -1
        following = self.devices[(place + 1) % len(self.devices)]
        if following == current:
            self.notify(f"This machine has only: {', '.join(self.devices)}")
            return
        self.device = following
        self.board.say_where(following)
        self.checker.ask()

    def action_interrupt(self) -> None:
        self.interrupted = True
        self.exit()


def _spoken(question: Question) -> str:
    text = " ".join(question.text.split())
    return f"**{text}**\n\n{question.answer}\n\n*They ask next:* {question.follow_up}"


def run(kata: Kata, attempt: Path, flavour: str, device: str) -> None:
    """Until the learner leaves; an interrupt or a bug is raised again, outside the view."""
    app = Watch(kata, attempt, flavour, device)
    app.run()
    if app.bug is not None:
        raise app.bug
    if app.interrupted:
        raise KeyboardInterrupt
