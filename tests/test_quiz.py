"""The quiz: which questions, in which order; through a pipe and in a real terminal."""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import cards, catalogue, history, questions, quiz
from grader.history import database, reviews
from grader.verdict import Case, Conclusion, Level, Outcome, Verdict

DAY = 86400.0


@pytest.fixture(autouse=True)
def home(kata, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_HOME", kata.env["KATA_HOME"])
    return Path(kata.env["KATA_HOME"])


def rated() -> list[tuple]:
    return database.rows("SELECT kata, name, rating, detail FROM reviews ORDER BY id")


def test_what_is_due_comes_first_and_what_is_not_due_stays_away():
    now = time.time()
    cards.rate_question("bpe", ids("bpe")[3], cards.Rating.AGAIN, now - 30 * DAY)
    cards.rate_question("adam", ids("adam")[2], cards.Rating.GOOD, now - 20 * DAY)
    cards.rate_question("adam", ids("adam")[0], cards.Rating.EASY, now)
    deck = quiz.deck(now, None, 1000)
    assert [card.question.id for card in deck[:2]] == [ids("bpe")[3], ids("adam")[2]]
    assert [card.due is None for card in deck[:3]] == [False, False, True]
    assert ids("adam")[0] not in [card.question.id for card in deck]
    assert len(deck) == sum(len(ids(slug)) for slug in catalogue.slugs()) - 1


def ids(slug: str) -> list[str]:
    return [one.id for one in questions.load(catalogue.find(slug).folder)]


def test_new_questions_are_of_the_katas_that_were_worked_on():
    case = Case("a", "a", Level.CORRECT, Outcome.FAILED)
    history.record(
        Verdict("top-p", "torch", "cpu", Conclusion.FAILED, 0.1, (case,)), Path("x.py"), "x"
    )
    deck = quiz.deck(time.time(), None, 3)
    assert [card.question.id for card in deck] == ids("top-p")[:3]


def test_a_topic_and_a_number_limit_the_deck():
    topic = catalogue.find("kv-cache").topic
    deck = quiz.deck(time.time(), topic, 5)
    assert len(deck) == 5
    assert {catalogue.find(card.question.kata).topic for card in deck} == {topic}


@pytest.mark.parametrize(
    "ticked, rating",
    [([True, True], 3), ([True, False], 2), ([False, False], 1)],
)
def test_the_suggested_rating_follows_the_key_points(ticked, rating):
    assert quiz.suggestion(ticked) == rating


def test_a_round_through_a_pipe(kata):
    deck = quiz.deck(time.time(), "optimisers", 2)
    first, second = (card.question for card in deck)
    answers = ["my own answer", *["y"] * len(first.points), ""]
    answers += ["", "what?", *["n"] * len(second.points), "7", "4"]
    done = kata("quiz", "--topic", "optimisers", "-n", "2", stdin="\n".join(answers) + "\n")
    assert done.code == 0, done.err
    assert "2 of 2 rated" in done.out
    assert "y or n, please" in done.out
    assert "1, 2, 3 or 4, please" in done.out
    for point in first.points:
        assert " ".join(point.split()) in done.out
    one, two = rated()
    assert one[:3] == ("adam", first.id, 3)
    assert json.loads(one[3]) == {"typed": "my own answer", "points": [True] * len(first.points)}
    assert two[:3] == ("adam", second.id, 4)
    assert reviews.due("question")["adam", second.id] > reviews.due("question")["adam", first.id]


def test_input_that_ends_keeps_what_was_rated(kata):
    question = quiz.deck(time.time(), None, 1)[0].question
    answers = ["", *["y"] * len(question.points), "2", "half an ans"]
    done = kata("quiz", stdin="\n".join(answers))
    assert done.code == 0, done.err
    assert "1 of 10 rated" in done.out
    assert [row[2] for row in rated()] == [2]


def test_nothing_due_says_when(kata):
    now = time.time()
    for name in ids("adam"):
        cards.rate_question("adam", name, cards.Rating.GOOD, now)
    done = kata("quiz", "--topic", "optimisers")
    assert done.code == 0
    assert re.search(r"No question is due. The next one comes back in \d+ days", done.out)
    assert kata("quiz", "--topic", "cooking").code == 2


def test_ctrl_c_in_a_terminal_keeps_what_was_rated(kata, tmp_path):
    socket = f"quiz-{tmp_path.name}-{time.time_ns()}"
    question = quiz.deck(time.time(), None, 1)[0].question
    inner = f"{sys.executable} -m grader quiz; echo code $? > {tmp_path}/code; sleep 60"
    places = [f"{name}={kata.env[name]}" for name in ("KATA_HOME", "PYTHONPATH")]
    command = shlex.join(["env", *places, "bash", "-c", inner])

    def tmux(*words: str) -> str:
        full = ["tmux", "-L", socket, "-f", "/dev/null", *words]
        return subprocess.run(full, capture_output=True, text=True, timeout=20).stdout

    def wait_for(text: str) -> str:
        for _ in range(300):
            screen = tmux("capture-pane", "-p", "-J")
            if text in screen:
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{text!r} never came:\n{screen}")

    tmux("new-session", "-d", "-x", "80", "-y", "60", command)
    try:
        wait_for("Your answer, or Enter")
        tmux("send-keys", "Enter")
        wait_for("Did you name it?")
        for _ in question.points:
            tmux("send-keys", "y", "Enter")
        wait_for("Rate yourself")
        tmux("send-keys", "4", "Enter")
        wait_for("2 of 10")
        tmux("send-keys", "C-c")
        assert "1 of 10 rated" in wait_for("rated and kept")
        for _ in range(100):
            if (tmp_path / "code").exists() and (tmp_path / "code").read_text():
                break
            time.sleep(0.1)
        assert (tmp_path / "code").read_text() == "code 130\n"
    finally:
        tmux("kill-server")
    assert [row[2] for row in rated()] == [4]
