"""kill -9 and a full disk: what was committed is there, and the file is sound."""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from grader import history
from grader.history import database, schema

KILLS = 20

# says a line for each thing that it was told is recorded, and goes on until it is killed
WRITER = """
import sys, time
from pathlib import Path
from grader import cards, history
from grader.verdict import Case, Conclusion, Level, Outcome, Verdict
case = Case("test_a", "a", Level.CORRECT, Outcome.PASSED)
verdict = Verdict("adam", "torch", "cpu", Conclusion.PASSED, 0.1, (case,))
for number in range(10_000):
    text = f"{sys.argv[1]} {number} " + "x = 1; " * 50
    print("check", history.record(verdict, Path("adam.py"), text), text, sep="|", flush=True)
    history.note("adam", "hint", text)
    print("hint", number, text, sep="|", flush=True)
    cards.rate_question("adam", "adam-bias", cards.Rating.GOOD, time.time(), text)
    print("review", number, text, sep="|", flush=True)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_HOME", str(tmp_path))
    return tmp_path


def child(code: str, *arguments: str, **more) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(history.__file__).parents[2])},
        **more,
    )


def integrity() -> str:
    with closing(sqlite3.connect(database.file())) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


def test_twenty_kills_lose_nothing_that_was_reported_as_recorded():
    draw = random.Random(5)
    reported: list[list[str]] = []
    for number in range(KILLS):
        writer = child(WRITER, str(number))
        first = writer.stdout.readline()
        time.sleep(draw.uniform(0, 0.15))
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0]
        # the last line may have been cut by the kill: it then ends without a newline
        lines = (first + rest).splitlines(keepends=True)
        reported += [line.rstrip("\n").split("|") for line in lines if line.endswith("\n")]
        assert integrity() == "ok"
    snapshots = {line.id: history.find(line.id).snapshot for line in history.lines()}
    hints = {row[0] for row in database.rows("SELECT detail FROM events WHERE kind = 'hint'")}
    reviews = {row[0] for row in database.rows("SELECT detail FROM reviews")}
    assert len(reported) > KILLS
    assert {kind for kind, *_ in reported} == {"check", "hint", "review"}
    for kind, key, text in reported:
        if kind == "check":
            assert snapshots[int(key)] == text
        else:
            assert text in (hints if kind == "hint" else reviews)
    # no half of a check: each row has its verdict, each card the reviews that made it
    assert database.rows("SELECT COUNT(*) FROM checks") == database.rows(
        "SELECT COUNT(*) FROM verdicts"
    )


def old_file(path: Path, checks: int) -> None:
    """A history of version 1, as the first kata wrote it."""
    verdict = {
        **{"schema": 1, "kata": "adam", "flavour": "torch", "device": "cpu", "outcome": "passed"},
        **{"seconds": 0.1, "levels": {}, "cases": [], "diagnosis": [], "questions": []},
        **{"error": "", "selected": False},
    }
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in schema._FIRST.split(";"):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO events VALUES (1, 5.0, 'adam', 'new', '')")
        connection.executemany(
            "INSERT INTO checks VALUES (?, ?, 'adam', 'torch', 'passed', 0.1, ?, 'adam.py', ?)",
            [(n, 10.0 + n, json.dumps(verdict), f"text {n}") for n in range(1, checks + 1)],
        )


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_a_migration_copies_the_file_first_and_keeps_every_row(home):
    old_file(database.file(), 3)
    before = dump(database.file())
    assert [line.id for line in history.lines()] == [3, 2, 1]
    assert history.find(2).snapshot == "text 2"
    assert history.states() == {"adam": "passed"}
    assert database.rows("PRAGMA user_version") == [(schema.VERSION,)]
    assert dump(home / "history.sqlite.version-1") == before


def test_a_migration_that_is_killed_begins_again_with_nothing_lost(home):
    checks = 4000
    old_file(database.file(), checks)
    draw = random.Random(7)
    versions = []
    for _ in range(4):
        code = "from grader.history import database as d; print(1, flush=True); d.rows('SELECT 1')"
        migrating = child(code)
        migrating.stdout.readline()
        time.sleep(draw.uniform(0.01, 0.2))
        migrating.kill()
        migrating.communicate()
        assert integrity() == "ok"
        with closing(sqlite3.connect(database.file())) as connection:
            versions.append(connection.execute("PRAGMA user_version").fetchone()[0])
    assert set(versions) <= {1, schema.VERSION}
    assert history.total() == checks
    assert len({history.find(line.id).snapshot for line in history.lines(limit=50)}) == 50


def test_a_full_disk_is_said_and_what_was_there_stays(home):
    writer = child(WRITER, "before")
    for _ in range(9):
        writer.stdout.readline()
    writer.kill()
    writer.communicate()
    total = history.total()
    limit = database.file().stat().st_size + 20_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    code = WRITER.replace("range(10_000)", "range(300)").replace("x = 1; ", "{} = {}; ")
    code = code.replace('"{} = {}; " * 50', "str([hash((number, k)) for k in range(500)])")
    full = child(code, "after", stderr=subprocess.PIPE, preexec_fn=small_disk)
    out, err = full.communicate(timeout=60)
    assert full.returncode == 1
    assert "HistoryUnwritable" in err
    assert "full or failing" in err
    assert integrity() == "ok"
    assert history.total() == total + out.count("check|")


def test_many_processes_at_once_make_one_file_and_lose_nothing():
    code = WRITER.replace("10_000", "5")
    writers = [child(code, str(number)) for number in range(6)]
    said = [writer.communicate(timeout=60)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 6
    assert history.total() == sum(text.count("check|") for text in said) == 30


def test_a_lock_that_is_never_given_up_is_said(monkeypatch):
    history.note("adam", "new")
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    with closing(sqlite3.connect(database.file(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(history.HistoryUnwritable, match="locked"):
            history.note("adam", "hint")
    history.note("adam", "hint")
    assert history.count("adam", "hint") == 1


def test_a_transaction_that_fails_leaves_nothing_behind():
    def half() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO interviews (at, kind, state) VALUES (1, 'mock', '{}')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert database.rows("SELECT COUNT(*) FROM interviews") == [(0,)]
