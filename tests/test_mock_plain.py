"""kata mock in plain lines, through a pipe; and what it says to what cannot be."""

import json
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

LONGEST = 50.0  # seconds: only against what never comes
DEMO = Path(__file__).parent / "demo"
REPAIRED = (DEMO / "adam_repaired.py").read_text("utf-8")
MISTAKEN = (DEMO / "adam_with_a_mistake.py").read_text("utf-8")
ADAM = ("--topics", "optimisers", "--seed", "3")


def rows(kata: Any, query: str) -> list[tuple[Any, ...]]:
    """What the history's file says; nothing while there is no such file."""
    path = Path(kata.env["KATA_HOME"]) / "history.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        made = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'interviews'")
        return database.execute(query).fetchall() if made.fetchall() else []


def kinds(kata: Any) -> list[str]:
    return [kind for (kind,) in rows(kata, "SELECT kind FROM interview_events ORDER BY id")]


def state(kata: Any) -> dict[str, Any]:
    return json.loads(rows(kata, "SELECT state FROM interviews")[0][0])


def test_the_same_interview_through_a_pipe(kata: Any) -> None:
    lines = "time\nanswer 1\nIt is subtracted\nfirst.\n.\nhint\nsubmit\nnonsense\nend\n1\n"
    run = kata("mock", "--minutes", "5", *ADAM, stdin=lines)
    assert run.code == 0, run.err
    assert re.search(r"[45]:\d\d left of 5:00", run.out)
    assert "No hints in this interview" in run.out
    assert "It is subtracted\nfirst." in run.out
    assert "of 100" in run.out
    shown = kata("report", "--json").json
    assert shown["asked"][0]["ticked"] == [0]
    assert shown["katas"][0]["verdict"]["outcome"] == "failed"
    assert "NotImplementedError" in shown["katas"][0]["attempt"]


def test_leaving_a_pipe_leaves_the_clock_running_until_zero(kata: Any) -> None:
    run = kata("mock", "--minutes", "0.25", *ADAM, stdin="")
    assert run.code == 0, run.err
    assert "kata mock --resume" in run.out
    (kata.folder / "attempts" / "adam.py").write_text(REPAIRED, "utf-8")
    time.sleep(max(0.0, state(kata)["deadline"] - time.time()) + 0.05)
    for _ in range(2):  # resumed after the end: debriefed at once, and graded once
        run = kata("mock", "--resume", stdin="")
    assert "No interview is open" in run.err
    ended = state(kata)
    assert ended["ending"] == "time"
    assert ended["parts"][0]["verdict"]["outcome"] == "passed"
    assert kinds(kata).count("graded") == 1


def test_hints_and_mistakes_when_they_are_switched_on(kata: Any) -> None:
    (kata.folder / "attempts").mkdir()
    call = [sys.executable, "-m", "grader", "mock", "--minutes", "5", *ADAM]
    with subprocess.Popen(
        [*call, "--hints", "--mistakes"],
        cwd=kata.folder,
        env=kata.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        limit = time.monotonic() + LONGEST
        while "opened" not in kinds(kata):
            assert time.monotonic() < limit
            time.sleep(0.05)
        (kata.folder / "attempts" / "adam.py").write_text(MISTAKEN, "utf-8")
        process.stdin.write("hint\ncheck\nend\n")
        process.stdin.close()
        out = process.stdout.read()
    assert "Hint 1 of 3" in out
    assert "This looks like: Epsilon inside the square root" in out
    assert "Not under interview conditions: hints and names of mistakes" in out


def test_an_interview_goes_on_when_the_history_cannot_be_written(kata: Any) -> None:
    call = [sys.executable, "-m", "grader", "mock", "--minutes", "5", *ADAM]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(call, cwd=kata.folder, env=kata.env, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        limit = time.monotonic() + LONGEST
        while "opened" not in kinds(kata):
            assert time.monotonic() < limit
            time.sleep(0.05)
        path = Path(kata.env["KATA_HOME"]) / "history.sqlite"
        with closing(sqlite3.connect(path)) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            database.execute(f"PRAGMA user_version = {version + 9}")
        (kata.folder / "attempts" / "adam.py").write_text(MISTAKEN, "utf-8")
        process.stdin.write("check\nend\n")
        process.stdin.close()
        out = process.stdout.read()
    assert process.returncode == 0
    passed, total = map(int, re.findall(r"robust (\d+)/(\d+)", out)[-1])
    assert 0 < passed < total
    assert f"adam: {total - passed} cases to go." in out
    assert "Not stored" in out
    assert "newer kata" in out
    assert re.search(r"(\d+) of (?!\1)\d\d\b", out.partition("of 100")[2])


def test_a_second_interview_is_refused_until_the_first_is_abandoned(kata: Any) -> None:
    assert kata("mock", "--minutes", "5", *ADAM, stdin="leave\n").code == 0
    second = kata("mock", "--minutes", "5", stdin="")
    assert second.code == 2
    assert "--resume" in second.err
    assert "--abandon" in second.err
    assert kata("report").code == 2
    assert kata("mock", "--abandon").code == 0
    assert kata("mock", "--minutes", "5", *ADAM, stdin="leave\n").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--minutes", "0"], "more than 0"),
        (["--minutes", "1000000"], "at most 480"),
        (["--topics", "cooking"], "There is:"),
        (["--level", "hard", "--topics", "optimisers"], "No kata of this level"),
        (["--device", "cuda:77"], "no device"),
        (["--resume"], "No interview is open"),
        (["--abandon"], "No interview is open"),
    ],
)
def test_what_cannot_be_gets_a_sentence(kata: Any, arguments: list[str], words: str) -> None:
    run = kata("mock", *arguments)
    assert run.code == 2
    assert words in run.err
    assert "Traceback" not in run.err
    assert rows(kata, "SELECT 1 FROM interviews") == []
