"""`kata history`: what it lists, shows and restores; the time worked."""

import pytest

from grader.history import entry


def check(kata, text: str) -> dict:
    kata.write(text, "attempts/adam.py")
    return kata("check", "adam", "--json").json


def test_snapshots_are_listed_shown_and_restored(kata, reference):
    solution = (reference / "adam" / "solution.py").read_text()
    first = solution.replace("self", "this")
    check(kata, first)
    check(kata, solution)
    rows = kata("history", "adam", "--json").json["checks"]
    assert [(row["id"], row["kata"], row["outcome"]) for row in rows] == [
        (2, "adam", "passed"),
        (1, "adam", "passed"),
    ]
    shown = kata("history")
    assert shown.code == 0
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    full = kata("history", "--show", "1", "--json").json
    assert full["snapshot"] == first
    assert full["verdict"]["outcome"] == "passed"
    assert first in kata("history", "--show", "1").out
    kata.write("work = 'not checked yet'\n", "attempts/adam.py")
    done = kata("history", "--restore", "1")
    assert done.code == 0, done.err
    assert (kata.folder / "attempts/adam.py").read_text() == first
    archived = list((kata.folder / "attempts/archive").glob("adam.*.py"))
    assert [path.read_text() for path in archived] == ["work = 'not checked yet'\n"]
    undone = kata("reset", "adam", "--undo")
    assert undone.code == 0, undone.err
    assert (kata.folder / "attempts/adam.py").read_text() == "work = 'not checked yet'\n"


@pytest.mark.parametrize("words", [["--show", "9"], ["--restore", "9"], ["no-such-kata"]])
def test_what_is_not_there_is_said(kata, words):
    done = kata("history", *words)
    assert done.code == 2
    assert "No " in done.err
    assert "Traceback" not in done.err


def test_an_empty_history_says_how_to_start(kata):
    assert "kata new adam" in kata("history").out
    assert not (kata.folder.parent / "home" / "history.sqlite").exists()


def test_of_a_long_gap_only_the_first_minutes_were_work():
    assert entry.worked(0, [], 200) == 200
    assert entry.worked(0, [100, 250], 400) == 400
    assert entry.worked(0, [100], 100 + 8 * 3600) == 100 + entry.IDLE
    assert entry.worked(0, [100], 50) == 50  # a sign after the end is of no use
    assert entry.worked(500, [], 100) == 0  # the clock was set back
