"""What the learner did is kept: every row, a damaged file, a file of a newer kata."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader import history
from grader.errors import GraderError
from grader.verdict import Case, Conclusion, Level, Outcome, Verdict


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def verdict(kata="adam", outcome=Conclusion.FAILED, *, selected=False):
    one = Outcome.PASSED if outcome is Conclusion.PASSED else Outcome.FAILED
    cases = (Case("test_a", "a", Level.CORRECT, one, asks=("adam-bias",)),)
    return Verdict(kata, "torch", "cpu", outcome, 0.5, cases, selected=selected)


def record(text="x = 1", **kind):
    history.record(verdict(**kind), Path("attempts/adam.py"), text)


def test_where_nothing_happened_nothing_is_known_and_no_file_is_made(home):
    assert history.last_check() is None
    assert history.states() == {}
    assert history.count("adam", "hint") == 0
    assert not home.exists()


def test_a_check_comes_back_with_its_verdict_and_the_attempt_as_it_was():
    text = "x = 'é\U0001f40d'\r\n"
    record(text)
    check = history.last_check("adam")
    assert check.verdict == verdict()
    assert (check.snapshot, Path(check.attempt).name) == (text, "adam.py")


def test_the_last_check_is_the_newest_of_its_kata():
    record("first")
    record("second")
    record("other", kata="bpe")
    assert history.last_check("adam").snapshot == "second"
    assert history.last_check().snapshot == "other"
    assert history.last_check("kmeans") is None


def test_once_passed_a_kata_stays_passed():
    record()
    assert history.states() == {"adam": "tried"}
    record(outcome=Conclusion.PASSED)
    record()
    assert history.states() == {"adam": "passed"}


def test_a_pass_of_selected_cases_is_no_pass_of_the_kata():
    record(outcome=Conclusion.PASSED, selected=True)
    assert history.states() == {"adam": "tried"}


def test_hints_count_anew_for_a_new_attempt():
    for kind in ("hint", "hint", "reveal"):
        history.note("adam", kind)
    history.note("bpe", "hint")
    assert (history.count("adam", "hint"), history.count("bpe", "hint")) == (2, 1)
    history.note("adam", "reset")
    assert (history.count("adam", "hint"), history.count("bpe", "hint")) == (0, 1)


@pytest.mark.parametrize(
    "damage",
    [b"this is no database", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["text", "zeros", "a header and noise"],
)
def test_a_damaged_file_is_set_aside_whole_and_the_next_command_works(home, damage):
    home.mkdir()
    history.file().write_bytes(damage)
    with pytest.raises(GraderError) as caught:
        history.last_check()
    (aside,) = home.glob("*damaged*")
    assert str(aside) in str(caught.value)
    assert aside.read_bytes() == damage
    record()
    assert history.states() == {"adam": "tried"}
    assert aside.read_bytes() == damage


def test_rows_damaged_in_the_middle_are_set_aside_too(home):
    for number in range(50):
        record(f"x = {number}" * 500)
    with closing(sqlite3.connect(history.file())) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(history.file().read_bytes())
    data[4096:] = b"\x5a" * (len(data) - 4096)
    history.file().write_bytes(data)
    with pytest.raises(GraderError, match="kept as"):
        history.last_check()
    assert [aside.read_bytes() for aside in home.glob("*damaged*")] == [bytes(data)]


def test_a_file_of_a_newer_kata_is_refused_and_left_alone(home):
    record()
    with closing(sqlite3.connect(history.file())) as database:
        database.execute("PRAGMA user_version = 999")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = history.file().read_bytes()
    for command in (history.last_check, history.states, record):
        with pytest.raises(
            GraderError, match=r"newer kata.*version 999.*\n.*pip install --upgrade"
        ):
            command()
    assert history.file().read_bytes() == before
    assert not list(home.glob("*damaged*"))


def test_the_first_schema_is_brought_up_to_date_with_all_of_its_rows(home):
    """A file as the first release wrote it."""
    home.mkdir()
    with closing(sqlite3.connect(history.file())) as database, database:
        database.executescript(FIRST)
        for number, outcome in enumerate(("failed", "passed", "failed")):
            done = replace(verdict(outcome=Conclusion(outcome)), seconds=0.25)
            database.execute(
                "INSERT INTO checks (at, kata, flavour, outcome, seconds, verdict, attempt, snapshot)"
                " VALUES (?, 'adam', 'torch', ?, 0.25, json(?), 'adam.py', ?)",
                (1e9 + number, outcome, json.dumps(done.to_json()), f"x = {number}"),
            )
        database.execute(
            "INSERT INTO events (at, kata, kind, detail) VALUES (1, 'adam', 'hint', '')"
        )
    assert history.states() == {"adam": "passed"}
    assert history.last_check("adam").snapshot == "x = 2"
    assert history.last_check("adam").verdict.seconds == 0.25
    assert history.count("adam", "hint") == 1


FIRST = """
CREATE TABLE checks (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kata TEXT NOT NULL, flavour TEXT NOT NULL,
    outcome TEXT NOT NULL, seconds REAL NOT NULL, verdict TEXT NOT NULL, attempt TEXT NOT NULL,
    snapshot TEXT NOT NULL
);
CREATE INDEX checks_of_kata ON checks (kata, id);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kata TEXT NOT NULL, kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX events_of_kata ON events (kata, kind);
PRAGMA user_version = 1;
"""


def test_processes_that_write_at_the_same_time_lose_nothing():
    code = "from grader import history\nfor _ in range(20): history.note('adam', 'hint')"
    writers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert history.count("adam", "hint") == 60


def test_a_home_that_cannot_be_made_is_said_in_words(monkeypatch):
    monkeypatch.setenv("KATA_HOME", "/proc/kata")
    with pytest.raises(GraderError, match="/proc/kata"):
        history.note("adam", "hint")
