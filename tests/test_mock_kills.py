"""kill -9 at random moments of an interview: nothing that was said to be noted is lost."""

import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

KILLS = 12
LONGEST = 100.0  # seconds: only against what never comes
ADAM = (Path(__file__).parent / "demo" / "adam_with_a_mistake.py").read_text("utf-8")


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "history.sqlite")) as database:
        return database.execute(query).fetchall()


def test_nothing_is_lost_by_kills_of_checks_watch_and_mock(root: Path) -> None:
    call = [sys.executable, str(root / "benchmarks" / "kills.py"), str(KILLS), "1"]
    done = subprocess.run(call, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    spread = re.fullmatch(
        r"(\d+) kills \((\d+) of check, (\d+) of mock, (\d+) of watch\).+nothing lost:"
        r" (\d+) shown verdicts, (\d+) noted answers, .+\n",
        done.stdout,
    )
    assert spread, done.stdout
    assert int(spread[1]) == KILLS
    assert min(map(int, spread.groups())) > 0


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
        limit = time.monotonic() + LONGEST
        while not rows(home, "SELECT 1 FROM interview_events WHERE kind = 'ended'"):
            assert time.monotonic() < limit
            time.sleep(0.005)
        process.kill()
    attempt.write_text("nothing = True\n", "utf-8")
    shown = kata("report", "--json").json
    assert shown["katas"][0]["attempt"] == ADAM
    passed, total = shown["katas"][0]["verdict"]["levels"]["robust"]
    assert 0 < passed < total  # not the file of now, which passes nothing
    graded = rows(home, "SELECT COUNT(*) FROM interview_events WHERE kind = 'graded'")
    assert graded == [(1,)]
