"""Export and import: everything comes back, nothing twice, nothing of a bad file."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader import cards, history
from grader.history import database, reviews, transfer
from grader.verdict import Case, Conclusion, Level, Mistake, Outcome, Verdict

CASES = (
    Case("test_a", "a", Level.CORRECT, Outcome.PASSED, details={"got": "1"}),
    Case("test_b", "b", Level.FAST, Outcome.FAILED, message="é", asks=("adam-bias",)),
)
FAILED = Verdict(
    *("adam", "torch", "cpu", Conclusion.FAILED, 0.5, CASES),
    diagnosis=(Mistake("no_bias", "No bias correction", ("adam-bias",)),),
)
PASSED = replace(FAILED, outcome=Conclusion.PASSED, cases=CASES[:1], diagnosis=())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "one"))
    return tmp_path


def practise() -> None:
    history.note("adam", "new")
    history.record(FAILED, Path("attempts/adam.py"), "x = '\U0001f40d'")
    history.note("adam", "hint", "1")
    history.record(FAILED, Path("attempts/adam.py"), "x = '\U0001f40d'")
    history.record(PASSED, Path("attempts/adam.py"), "x = 2")
    cards.catch_up()
    cards.rate_question("adam", "adam-bias", cards.Rating.HARD, 1e9, "{}")
    with database.transaction() as connection:
        connection.execute("INSERT INTO interviews VALUES (7, 5.0, 'mock', '{}')")
        connection.execute("INSERT INTO interview_events VALUES (1, 7, 6.0, 'begun', NULL)")


def exported() -> list[str]:
    return list(transfer.dump())


def load(lines: list[str]) -> dict[str, int]:
    return transfer.load(lines, cards.refresh)


def everything() -> dict[str, list]:
    tables = ("checks", "events", "reviews", "cards", "mistakes", "interview_events", "snapshots")
    # in no order: a card that is derived again takes a new place in its table
    return {name: sorted(database.rows(f"SELECT * FROM {name}"), key=repr) for name in tables}


def test_a_history_comes_back_whole_in_an_empty_home(home, monkeypatch):
    practise()
    lines, before = exported(), history.last_check()
    cards_before = reviews.due("kata"), reviews.due("question")
    monkeypatch.setenv("KATA_HOME", str(home / "two"))
    new = load(lines)
    assert new == {"check": 3, "event": 2, "review": 2, "interview": 1, "interview_event": 1}
    assert history.last_check() == before
    assert exported() == [
        line.replace('"id":7', '"id":1').replace('"interview":7', '"interview":1') for line in lines
    ]
    cards.catch_up()  # what the import brought was reviewed already
    assert (reviews.due("kata"), reviews.due("question")) == cards_before
    assert database.rows("SELECT COUNT(*) FROM reviews") == [(2,)]


def test_the_same_rows_twice_are_not_doubled():
    practise()
    lines, before = exported(), everything()
    assert not any(load(lines).values())
    assert not any(load(lines).values())
    assert everything() == before


def test_two_histories_are_merged(home, monkeypatch):
    practise()
    lines = exported()
    monkeypatch.setenv("KATA_HOME", str(home / "two"))
    history.record(PASSED, Path("attempts/adam.py"), "elsewhere")
    assert load(lines)["check"] == 3
    assert history.total() == 4


def test_a_text_is_stored_and_exported_once_however_often_it_was_checked():
    for _ in range(50):
        history.record(FAILED, Path("adam.py"), "the same text")
    assert database.rows("SELECT COUNT(*) FROM snapshots") == [(1,)]
    assert sum('"type":"snapshot"' in line for line in exported()) == 1


def change(kind: str, **fields) -> list[str]:
    """An export with one field of one row changed."""
    lines = exported()
    number = next(n for n, line in enumerate(lines) if f'"type":"{kind}"' in line)
    lines[number] = json.dumps({**json.loads(lines[number]), **fields})
    return lines


BAD = {
    "not JSON": lambda: [*exported(), "{"],
    "not an object": lambda: [*exported(), "[1]"],
    "no export": lambda: ['{"type": "event"}'],
    "empty": lambda: [],
    "newer": lambda: ['{"type": "kata-history", "format": 99}'],
    "unknown row": lambda: [*exported(), '{"type": "party"}'],
    "no verdict": lambda: change("check", verdict={}),
    "a time that is none": lambda: change("event", at=1e300),
    "not a number": lambda: [*exported(), '{"type": "event", "at": NaN}'],
    "a time in words": lambda: change("event", at="yesterday"),
    "a kata that is a path": lambda: change("check", kata="../../evil"),
    "a snapshot that was changed": lambda: change("snapshot", text="other"),
    "a snapshot that is not there": lambda: change("check", at=3.0, snapshot="ff"),
    "a rating of five": lambda: change("review", rating=5),
    "an event of no interview": lambda: change("interview_event", interview=99),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_whole(kind):
    practise()
    before = everything()
    lines = BAD[kind]()
    lines[1:1] = [json.dumps(dict(type="event", at=1.0, kata="bpe", kind="new", detail=""))]
    with pytest.raises(transfer.BadImport, match=r"Line \d+: .+\nNothing was imported"):
        load(lines)
    assert everything() == before


def test_the_export_of_a_newer_history_is_refused_before_a_line_is_written():
    practise()
    with database.transaction() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(history.NewerHistory):
        next(transfer.dump())


def test_the_commands(kata):
    kata("new", "adam")
    done = kata("export", "out.jsonl")
    assert done.code == 0, done.err
    assert "2 lines" in done.out
    assert kata("export", "out.jsonl").code == 2  # never over a file that is there
    text = (kata.folder / "out.jsonl").read_text()
    assert kata("export").out == kata("export", "-").out == text
    other = str(kata.folder / "other")
    assert "1 event" in kata("import", "out.jsonl", KATA_HOME=other).out
    assert "Nothing new" in kata("import", "-", stdin=text, KATA_HOME=other).out
    bad = kata("import", "-", stdin="hello", KATA_HOME=other)
    assert (bad.code, bad.out) == (2, "")
    assert "Line 1" in bad.err
    kata.write(b"\xff\xfe", "bytes.jsonl")
    assert "UTF-8" in kata("import", "bytes.jsonl").err
    assert os.listdir(kata.folder).count("out.jsonl.unfinished") == 0
    nowhere = kata("export", "out.jsonl/under.jsonl")  # a folder that cannot be written
    assert (nowhere.code, "cannot be written: Not a directory" in nowhere.err) == (2, True)
