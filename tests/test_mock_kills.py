"""kill -9 at random moments of an interview: nothing that was said to be noted is lost."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from grader.interview.events import Event, Kind, apply
from grader.interview.interview import from_json

KILLS = 10
LONGEST = 50.0  # seconds: only against what never comes
# in turn: any time after the start, in the middle of a check, right after some answers
MOMENTS = ((b"", 1, 1.0), (b"Checking", 1, 0.7), (b"Noted.", 3, 0.1))
ADAM = (Path(__file__).parent / "demo" / "adam_with_a_mistake.py").read_text("utf-8")


def sit(kata: Any, number: int, printed: Path, chance: random.Random) -> None:
    """An interview in plain lines that answers, saves and checks until it is killed."""
    said = "".join(f"answer 1\nanswer {number} {one}\n.\ncheck\n" for one in range(40))
    sign, most, life = MOMENTS[number % len(MOMENTS)]
    with (
        open(printed, "wb") as stream,
        subprocess.Popen(
            [sys.executable, "-m", "grader", "mock", "--resume"],
            cwd=kata.folder,
            env=kata.env,
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        assert process.stdin is not None
        process.stdin.write(said.encode())
        process.stdin.flush()
        count, limit = chance.randint(1, most), time.monotonic() + LONGEST
        while printed.read_bytes().count(sign) < count:
            assert time.monotonic() < limit, printed.read_text("utf-8")
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, life))
        process.kill()


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "history.sqlite")) as database:
        return database.execute(query).fetchall()


def test_nothing_is_lost_by_kills(kata: Any, tmp_path: Path) -> None:
    home = Path(kata.env["KATA_HOME"])
    run = kata(*("mock", "--minutes", "30", "--topics", "optimisers", "--seed", "3"), stdin="leave")
    assert run.code == 0, run.err
    begun = json.loads(rows(home, "SELECT state FROM interviews")[0][0])
    chance, noted, before = random.Random(11), 0, 0
    for number in range(KILLS):
        if number % 3 == 1:
            attempt = kata.folder / "attempts" / "adam.py"
            attempt.write_text(f"{ADAM}\n# save {number}\n", "utf-8")
        printed = tmp_path / f"printed-{number}"
        sit(kata, number, printed, chance)
        assert rows(home, "PRAGMA integrity_check") == [("ok",)]
        noted += printed.read_text("utf-8").count("Noted.")
        events = rows(home, "SELECT kind, at, detail FROM interview_events ORDER BY id")
        assert len(events) >= before
        before = len(events)
        kinds = [kind for kind, _, _ in events]
        assert kinds.count("answered") >= noted
        assert kinds.count("checked") <= rows(home, "SELECT COUNT(*) FROM checks")[0][0]
        (kind, text), *others = rows(home, "SELECT kind, state FROM interviews")
        assert (kind, others) == ("open", [])
        state = from_json(begun)
        for name, at, detail in events[kinds.index("opened") + 1 :]:
            state = apply(state, Event(Kind(name), at, json.loads(detail)))
        assert state == from_json(json.loads(text))
        assert state.deadline == begun["deadline"]
    assert noted > 0
    assert kinds.count("checked") > 0
    ended = kata("mock", "--resume", stdin="end\n")
    assert ended.code == 0, ended.err
    assert "of 100" in ended.out


def test_a_kill_while_the_end_is_graded_grades_the_rest_later(kata: Any) -> None:
    """Frozen is frozen: what the files hold afterwards does not count."""
    home = Path(kata.env["KATA_HOME"])
    kata("mock", "--minutes", "30", "--topics", "optimisers", "--seed", "3", stdin="leave")
    attempt = kata.folder / "attempts" / "adam.py"
    attempt.write_text(ADAM, "utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "grader", "mock", "--resume"],
        cwd=kata.folder,
        env=kata.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"end\n")
        process.stdin.flush()
        limit = time.monotonic() + 50
        while not rows(home, "SELECT 1 FROM interview_events WHERE kind = 'ended'"):
            assert time.monotonic() < limit
            time.sleep(0.005)
        process.kill()
    attempt.write_text("nothing = True\n", "utf-8")
    shown = kata("report", "--json").json
    assert shown["katas"][0]["attempt"] == ADAM
    assert shown["katas"][0]["verdict"]["levels"]["robust"] == [17, 19]
    graded = rows(home, "SELECT COUNT(*) FROM interview_events WHERE kind = 'graded'")
    assert graded == [(1,)]
