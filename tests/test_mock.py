"""kata mock as people sit it: on a real terminal, killed in the middle, run out at zero."""

import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grader import editor
from grader.errors import GraderError

LONGEST = 200.0  # seconds: only against what never comes
PAUSE = 0.1
SHORTEST, MOST = 36.0, 150.0  # seconds of the interview
CHECKS = 15  # of a check's time that it takes to do all that is done in it
DEMO = Path(__file__).parent / "demo"
REPAIRED = (DEMO / "adam_repaired.py").read_text("utf-8")
MISTAKEN = (DEMO / "adam_with_a_mistake.py").read_text("utf-8")
ADAM = ("--topics", "optimisers", "--seed", "3")


def until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(PAUSE)


class Stored:
    """What the history's file holds of interviews, read by another process than theirs."""

    def __init__(self, home: Path) -> None:
        self.path = home / "history.sqlite"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as database:
            made = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'interviews'")
            return database.execute(query).fetchall() if made.fetchall() else []

    def kinds(self) -> list[str]:
        return [kind for (kind,) in self.rows("SELECT kind FROM interview_events ORDER BY id")]

    def state(self) -> dict[str, Any]:
        return json.loads(self.rows("SELECT state FROM interviews")[0][0])

    def is_sound(self) -> bool:
        return self.rows("PRAGMA integrity_check") == [("ok",)]


class Terminal:
    """A terminal of its own, with one command in it."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.socket = folder / "tmux"
        self.stored = Stored(self.home)
        self.tmux("-f", "/dev/null", "new-session", "-d", f"-x{width}", f"-y{height}", "sleep 1000")
        self.tmux("set-option", "-g", "remain-on-exit", "on")

    def tmux(self, *words: object) -> str:
        call = ["tmux", "-S", str(self.socket), *map(str, words)]
        return subprocess.run(call, capture_output=True, text=True, check=True).stdout

    def minutes(self) -> str:
        """Long enough for what happens in it: so many checks' time on this machine as it is now."""
        call = [sys.executable, "-m", "grader", "check", "adam", "--no-record", "--attempt"]
        taken = []
        for _ in range(3):  # the first one starts the warm process
            begun = time.monotonic()
            done = subprocess.run([*call, str(DEMO / "adam_repaired.py")], capture_output=True)
            assert done.returncode == 0, done.stderr
            taken.append(time.monotonic() - begun)
        return f"{min(MOST, max(SHORTEST, CHECKS * min(taken))) / 60:.3f}"

    def start(self, *arguments: str) -> None:
        settings = {"KATA_HOME": str(self.home), "KATA_DEVICE": "cpu", "TERM": "screen-256color"}
        settings |= {"COLUMNS": "200", "LINES": "99"}  # stale, as some shells export them
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        call = shlex.join([sys.executable, "-m", "grader", "mock", *arguments])
        self.tmux("respawn-pane", "-k", "-c", self.folder, f"exec env {words} {call}")

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def shows(self, pattern: str) -> str:
        found = [""]

        def there() -> bool:
            found[0] = self.screen()
            return re.search(pattern, found[0]) is not None

        until(there, lambda: f"no {pattern!r} in\n{found[0]}")
        return found[0]

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def kill(self) -> None:
        """As kill -9 does it."""
        pid = int(self.tmux("display-message", "-p", "#{pane_pid}"))
        os.kill(pid, 9)
        until(lambda: self.tmux("display-message", "-p", "#{pane_dead}") == "1\n", self.screen)

    def happens(self, kind: str, count: int) -> None:
        until(lambda: self.stored.kinds().count(kind) == count, lambda: str(self.stored.kinds()))

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    one = Terminal(tmp_path, 100, 30)
    yield one
    one.close()


def test_the_editor_is_a_command_or_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for command, words in (
        ("code --wait", ["code", "--wait"]),
        ("'my editor' -n", ["my editor", "-n"]),
    ):
        monkeypatch.setenv("KATA_EDITOR", command)
        assert editor.words() == words
    for command in ("'open", " "):
        monkeypatch.setenv("KATA_EDITOR", command)
        with pytest.raises(GraderError, match="kata config set editor"):
            editor.words()


def test_a_whole_interview_on_a_real_terminal(terminal: Terminal, tmp_path: Path) -> None:
    """Begun, saved three times, killed in the middle, resumed, run out at zero, debriefed."""
    attempt = tmp_path / "attempts" / "adam.py"
    terminal.start("--minutes", terminal.minutes(), *ADAM)
    terminal.happens("opened", 1)
    deadline = terminal.stored.state()["deadline"]
    assert "NotImplementedError" in attempt.read_text("utf-8")

    attempt.write_text(MISTAKEN, "utf-8")
    terminal.happens("checked", 1)
    screen = terminal.shows(r"robust (\d+)/(?!\1\b)\d+")
    assert "epsilon" not in screen.partition("│")[2].lower()
    assert "looks like" not in screen

    terminal.kill()
    assert terminal.stored.is_sound()
    attempt.write_text(MISTAKEN + "\n# saved while nobody was looking\n", "utf-8")
    terminal.start("--resume")
    terminal.happens("checked", 2)

    terminal.tmux("resize-window", "-x", 60, "-y", 15)
    attempt.write_text(REPAIRED, "utf-8")
    terminal.happens("checked", 3)
    screen = terminal.shows(r"\b(\d\d)/\1\b")
    assert all(len(line) <= 60 for line in screen.splitlines())
    terminal.tmux("resize-window", "-x", 100, "-y", 30)
    terminal.press("s")
    terminal.shows(r"They ask next")
    assert time.time() < deadline, "this machine was too slow for so short an interview"
    terminal.press("It is subtracted first.")
    until(
        lambda: terminal.stored.state()["asked"][0]["reply"] == "It is subtracted first.",
        terminal.screen,
    )

    terminal.shows(r"tick the key points")
    assert time.time() >= deadline
    terminal.press("Space")
    terminal.shows(r"\[x\]")
    terminal.press("q")
    terminal.shows(r"What to practise next")

    state, kinds = terminal.stored.state(), terminal.stored.kinds()
    assert state["deadline"] == deadline == state["ended"]
    assert state["ending"] == "time"
    assert state["parts"][0]["verdict"]["outcome"] == "passed"
    assert (kinds.count("began"), kinds.count("ended"), kinds.count("graded")) == (1, 1, 1)
    assert state["asked"][0]["ticked"]
    assert terminal.stored.is_sound()
    checks = terminal.stored.rows("SELECT COUNT(*) FROM checks")
    assert checks == [(3,)]  # what was handed in had been checked: it is not graded again
