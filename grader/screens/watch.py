"""kata watch on a whole terminal: one attempt, checked at the start, on each save and at a key."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Footer

from grader import hints, history, pipeline, questions, watching, workspace
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.pipeline import OnNews
from grader.screens.board import Board
from grader.screens.checker import Checker, Done, News
from grader.screens.reading import Reading, Sure, answered
from grader.screens.view import View
from grader.verdict import Verdict, verdict_from_json
from grader.warm import client

TICK_SECONDS = 0.25
PATIENCE_SECONDS = 1.0  # the old verdict stays until the new one comes, but not for longer


@dataclass
class Saved(Message):
    """The attempt has a new text."""


@dataclass
class Found(Message):
    """The devices that this machine has and this kata allows."""

    devices: list[str]


class Watch(View):
    """The threads and the keys; what is in sight is the board's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", "check"),
        Binding("n", "next", "next"),
        Binding("h", "hint", "hint"),
        Binding("e", "explain", "explain"),
        Binding("b", "brief", "brief"),
        Binding("d", "device", "device"),
        Binding("r", "reset", "reset"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, kata: Kata, attempt: Path, flavour: str, device: str) -> None:
        super().__init__()
        self.kata = kata
        self.attempt = attempt
        self.flavour = flavour
        self.device = device
        self.devices: list[str] = []
        self.begun: float | None = None
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
        self.board.say_where(self.device)
        self.set_interval(TICK_SECONDS, self.tick)
        self.watcher.start()

    def on_unmount(self) -> None:
        self.checker.drop()
        self.over.set()
        self.watcher.join(timeout=2)

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

    @on(Saved)
    def action_check(self) -> None:
        self.begun = time.monotonic()
        self.board.begin()
        self.checker.ask()

    @on(News)
    def take(self, message: News) -> None:
        if message.number != self.checker.newest:
            return
        if message.news["event"] == "verdict":  # in sight before it is in the history
            self.begun = None
            self.board.show_verdict(verdict_from_json(message.news["verdict"]))
        else:
            self.board.take(message.news)

    def tick(self) -> None:
        seconds = time.monotonic() - self.begun if self.begun is not None else 0.0
        if seconds > TICK_SECONDS:
            self.board.say_progress(seconds)
        if seconds > PATIENCE_SECONDS:
            self.board.show_progress()

    @on(Done)
    def finish(self, message: Done) -> None:
        if message.number != self.checker.newest:
            return
        self.begun = None
        end = message.end
        if isinstance(end, pipeline.NotRecorded):
            self.notify(f"Not in the history: {end}", severity="warning", markup=False)
            end = end.verdict
        if isinstance(end, Verdict):
            if end != self.board.verdict:  # a grader that broke sends no verdict before
                self.board.show_verdict(end)
        elif isinstance(end, GraderError):
            self.board.show_problem(str(end))
        else:
            self.fail(end)

    def action_next(self) -> None:
        self.board.next_failure()

    def action_brief(self) -> None:
        self.push_screen(Reading(self.kata.title, self.kata.brief(), "b"))

    def action_hint(self) -> None:
        """The last one taken for nothing, or the first; each further press takes another."""
        self.push_screen(Reading(*self.hint(hints.taken), "h", lambda: self.hint(hints.take)))

    def hint(self, which: Callable[[Kata], int]) -> tuple[str, str]:
        try:
            number = which(self.kata) or hints.take(self.kata)
        except GraderError as problem:  # the history cannot be written
            return "no hint", str(problem)
        known = hints.load(self.kata)
        return f"hint {number} of {len(known)}", known[number - 1]

    def action_explain(self) -> None:
        verdict = self.board.verdict
        asked = verdict.questions if verdict and not verdict.passed else []
        text = answered(questions.load(self.kata.folder), asked)
        self.push_screen(Reading(f"{self.kata.title}: questions", text, "e"))

    def action_reset(self) -> None:
        kept = "This attempt is archived, and can be brought back."
        self.push_screen(Sure(f"Start {self.kata.slug} again?\n{kept}"), self.reset)

    def reset(self, sure: bool | None) -> None:
        if sure:
            self.aside(self.start_again).start()

    def start_again(self) -> None:
        """In a thread.  The fresh text is a save like any other."""
        workspace.reset(self.kata, self.flavour)
        history.note(self.kata.slug, "reset")

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
        current = verdict.device if self.device == "auto" and verdict else self.device
        place = self.devices.index(current) if current in self.devices else -1
        others = [*self.devices[place + 1 :], *self.devices[: max(place, 0)]]
        if not others:
            self.notify(f"This machine has only: {', '.join(self.devices) or 'none for this kata'}")
            return
        self.device = others[0]
        self.board.say_where(self.device)
        self.action_check()
