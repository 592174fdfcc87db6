"""One line on the terminal while a check takes longer than a moment; it is gone before the verdict."""

import sys
import threading
import time
from typing import Any

import click

MOMENT = 0.7  # seconds
ERASE = "\r\x1b[2K"


class Progress:
    """`with Progress() as progress:` and each news of the check to `progress.heed`."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self.begun = time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()

    def heed(self, news: dict[str, Any]) -> None:
        if news["event"] == "planned":
            self.total = len(news["cases"])
        elif news["event"] == "case":
            self.done += 1

    def _tick(self) -> None:
        shown = False
        while not self.over.wait(MOMENT):
            seconds = time.monotonic() - self.begun
            words = f"checking: {self.done} of {self.total} cases, {seconds:.0f} s"
            click.echo(f"{ERASE}{words}", nl=False, err=True)
            shown = True
        if shown:
            click.echo(ERASE, nl=False, err=True)
