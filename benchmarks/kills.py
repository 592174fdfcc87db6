"""kill -9 at random moments of checks, watch and mock: `python benchmarks/kills.py [KILLS] [SEED]`.

After each kill the file is sound, all that was in it still is, and so is whatever the killed process
had said to be done: a verdict shown, an answer noted.  The first loss ends it with exit code 1.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grader.history import entry  # noqa: E402
from grader.interview.events import Event, Kind, apply  # noqa: E402
from grader.interview.interview import from_json  # noqa: E402

ADAM = (ROOT / "tests" / "demo" / "adam_with_a_mistake.py").read_text("utf-8")
TABLES = ("checks", "verdicts", "snapshots", "events", "interviews", "interview_events")
LIVES = {"check": 1.2, "watch": 5.0, "mock": 6.0}  # of a check's time; killed at any moment of it
PAUSE = 0.005
MOST = 3.0  # seconds: a check's time, however busy the machine
LONGEST = 300.0  # seconds: only against what never comes


class Lost(Exception):
    """Something that was in the history, or was said to be, is not."""


class Victim:
    """A `kata` that is going to be killed, and what it has said."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path, seconds: float) -> None:
        self.process = process
        self.output = output
        self.end = time.monotonic() + seconds

    def lives(self) -> bool:
        time.sleep(PAUSE)
        return self.process.poll() is None and time.monotonic() < self.end

    def said(self, word: str) -> int:
        return self.output.read_text("utf-8", "replace").count(word)

    def type(self, lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(lines.encode())
        self.process.stdin.flush()


class Arena:
    """One history and one attempt, for all the kills."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.draw = random.Random(seed)
        self.folder = folder
        self.attempt = folder / "attempts" / "adam.py"
        self.environment = {
            **os.environ,
            **{"KATA_HOME": str(folder / "home"), "KATA_DEVICE": "cpu", "PYTHONUNBUFFERED": "1"},
            "PYTHONPATH": str(ROOT),
        }
        self.saves = 0
        self.texts: set[str] = set()  # of attempts whose verdict was shown
        self.replies: set[str] = set()  # that were said to be noted
        self.checked = 0  # checks that the interview reported
        self.rows: dict[str, set[int]] = {table: set() for table in TABLES}
        self.killed: Counter[str] = Counter()

    def begin(self) -> None:
        """An interview that stays open, and how long a check takes on this machine."""
        plan = ("mock", "--minutes", "400", "--topics", "optimisers", "--seed", "3", "--plain")
        self.to_the_end(*plan)
        self.save()
        self.seconds = MOST
        for _ in range(3):  # the first one starts the warm process
            begun = time.monotonic()
            self.to_the_end("check", "adam")
            self.seconds = min(self.seconds, time.monotonic() - begun)
        self.verify()

    def to_the_end(self, *arguments: str) -> None:
        call = [sys.executable, "-m", "grader", *arguments]
        done = subprocess.run(
            call, cwd=self.folder, env=self.environment, input=b"", capture_output=True
        )
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr.decode())

    def save(self) -> str:
        self.saves += 1
        text = f"{ADAM}\n# save {self.saves}\n"
        other = self.attempt.with_suffix(".new")
        other.write_text(text, "utf-8")
        os.replace(other, self.attempt)
        return text

    @contextmanager
    def victim(self, kind: str, *arguments: str) -> Iterator[Victim]:
        output = self.folder / "output"
        with (
            open(output, "wb") as stream,
            subprocess.Popen(
                [sys.executable, "-m", "grader", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            yield Victim(process, output, self.draw.uniform(0, LIVES[kind] * self.seconds))
            self.killed[kind] += process.poll() is None
            process.kill()

    def check(self) -> None:
        text = self.save()
        with self.victim("check", "check", "adam") as one:
            while one.lives():
                pass
        if one.said("NOT PASSED"):
            self.texts.add(text)

    def watch(self) -> None:
        saved = [self.save()]
        with self.victim("watch", "watch", "adam") as one:
            while one.lives():
                if one.said("Watching ") == len(saved):
                    saved.append(self.save())
        self.texts.update(saved[: one.said("Watching ")])

    def mock(self) -> None:
        self.save()
        replies = [f"reply {self.saves}.{number}" for number in range(60)]
        with self.victim("mock", "mock", "--resume", "--plain") as one:
            one.type("".join(f"answer 1\n{reply}\n.\nnext\ncheck\n" for reply in replies))
            while one.lives():
                pass
        self.replies.update(replies[: one.said("Noted.")])
        self.checked += one.said("\ncorrect ")

    def verify(self) -> None:
        with closing(sqlite3.connect(self.folder / "home" / "history.sqlite")) as database:
            self.verify_rows(database)
            self.verify_interview(database)

    def verify_rows(self, database: sqlite3.Connection) -> None:
        if (found := database.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            raise Lost(f"the file is damaged: {found}")
        for table in TABLES:
            there = {row[0] for row in database.execute(f"SELECT id FROM {table}")}
            if gone := self.rows[table] - there:
                raise Lost(f"rows of {table} are gone: {gone}")
            self.rows[table] = there
        if self.rows["checks"] != self.rows["verdicts"]:
            raise Lost("checks without a verdict")
        joined = "SELECT packed FROM checks JOIN snapshots ON snapshots.id = checks.snapshot"
        kept = [entry.text_of(row[0]) for row in database.execute(joined)]
        if len(kept) != len(self.rows["checks"]):
            raise Lost("checks without a snapshot")
        if gone := self.texts - set(kept):
            raise Lost(f"{len(gone)} attempts whose verdict was shown")

    def verify_interview(self, database: sqlite3.Connection) -> None:
        events = [
            Event(Kind(kind), at, json.loads(detail))
            for kind, at, detail in database.execute(
                "SELECT kind, at, detail FROM interview_events ORDER BY id"
            )
        ]
        state = from_json(events[0].detail["plan"])
        for event in events:
            state = apply(state, event)
        stored = database.execute("SELECT kind, state FROM interviews").fetchall()
        if [(kind, from_json(json.loads(text))) for kind, text in stored] != [("open", state)]:
            raise Lost("the interview is not what its events came to")
        noted = {event.detail["reply"] for event in events if event.kind is Kind.ANSWERED}
        if gone := self.replies - noted:
            raise Lost(f"{len(gone)} answers that were noted: {gone}")
        checked = sum(event.kind is Kind.CHECKED for event in events)
        if checked < self.checked:
            raise Lost(f"{self.checked - checked} checks of the interview")


def run(arena: Arena, kills: int) -> None:
    arena.begin()
    acts: list[tuple[str, Any]] = [
        ("check", arena.check),
        ("watch", arena.watch),
        ("mock", arena.mock),
    ]
    limit = time.monotonic() + LONGEST + 60 * kills * arena.seconds
    turn = 0
    while arena.killed.total() < kills:
        if time.monotonic() > limit:
            raise RuntimeError(f"only {arena.killed.total()} were alive to be killed")
        acts[turn % len(acts)][1]()
        arena.verify()
        turn += 1


def main(kills: int = 100, seed: int = 0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        arena = Arena(Path(folder), seed)
        try:
            run(arena, kills)
        except Lost as loss:
            sys.exit(f"LOST after {arena.killed.total()} kills: {loss}")
    spread = ", ".join(f"{number} of {kind}" for kind, number in sorted(arena.killed.items()))
    print(
        f"{arena.killed.total()} kills ({spread}), the file sound after each; nothing lost:"
        f" {len(arena.texts)} shown verdicts, {len(arena.replies)} noted answers,"
        f" {arena.checked} checks of the interview are all there"
        f" ({len(arena.rows['checks'])} checks, {len(arena.rows['interview_events'])} events)"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
