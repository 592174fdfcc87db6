"""The numbers of `kata stats`, and how they are drawn."""

import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader import cards, catalogue, history, stats
from grader.history import database
from grader.render import stats as render
from grader.verdict import Case, Conclusion, Level, Mistake, Outcome, Verdict

NOW = datetime(2026, 9, 16, 12).timestamp()  # a Wednesday
DAY = 86400.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "home"))
    return tmp_path


def check(kata: str, at: float, *, passed: bool, selected: bool = False) -> None:
    good, bad = Outcome.PASSED, Outcome.PASSED if passed else Outcome.FAILED
    cases = (
        Case("a", "a", Level.CORRECT, good),
        Case("b", "b", Level.ROBUST, good),
        Case("c", "c", Level.ROBUST, bad),
    )
    verdict = Verdict(
        *(kata, "torch", "cpu", Conclusion.PASSED if passed else Conclusion.FAILED, 0.1, cases),
        diagnosis=() if passed else (Mistake("slip", f"A slip in <{kata}>"),),
        selected=selected,
    )
    history.record(verdict, Path("nowhere.py"), f"{kata} {at} {passed}", at=at)


def two_weeks() -> None:
    """adam at once in 60 s; bpe with two failed checks in 180 s; kmeans not at all; then a day alone."""
    history.note("adam", "new", at=NOW - 10 * DAY)
    check("adam", NOW - 10 * DAY + 60, passed=True)
    history.note("bpe", "new", at=NOW - DAY)
    history.note("bpe", "hint", at=NOW - DAY + 30)
    check("bpe", NOW - DAY + 60, passed=False)
    check("bpe", NOW - DAY + 90, passed=True, selected=True)
    check("bpe", NOW - DAY + 120, passed=False)
    check("bpe", NOW - DAY + 180, passed=True)
    check("kmeans", NOW, passed=False)


def test_the_numbers():
    two_weeks()
    found = stats.gather(NOW)
    assert (found.checks, found.attempts, found.passes, found.first_try) == (6, 3, 2, 1)
    assert (found.passed, found.katas) == (2, len(catalogue.slugs()))
    assert found.median_seconds == 120
    assert found.recent_seconds == (60, 180)
    assert (found.hints, found.reveals) == (1, 0)
    assert (found.days, found.streak, found.longest) == (3, 2, 2)
    assert [(one.kata, one.times) for one in found.mistakes] == [("kmeans", 1), ("bpe", 1)]
    levels = {one.level: (one.first, one.whole) for one in found.levels}
    assert levels["correct"] == (1, 1)
    assert levels["robust"] == pytest.approx((2 / 3, 1 / 3))
    assert levels["fast"] == (None, None)
    topics = {one.topic: one for one in found.topics}
    assert (topics["optimisers"].passed, topics["optimisers"].first_try) == (1, 1)
    assert (topics["tokenisation"].checks, topics["tokenisation"].first_try) == (4, 0)
    assert topics["tokenisation"].median_seconds == 180


def test_the_calendar_begins_on_a_monday_and_ends_today():
    two_weeks()
    days = stats.gather(NOW).per_day
    assert len(days) == 7 * (stats.WEEKS - 1) + 3
    assert (days[-1], days[-2], days[-11], sum(days)) == (1, 4, 1, 6)


@pytest.mark.parametrize(
    "days, streak, longest",
    [([], 0, 0), ([0], 1, 1), ([1], 1, 1), ([2], 0, 1), ([0, 1, 2], 3, 3), ([0, 2, 3], 1, 2)],
)
def test_a_streak_lives_until_a_whole_day_is_missed(days, streak, longest):
    for ago in days:
        check("adam", NOW - ago * DAY, passed=False)
    found = stats.gather(NOW)
    assert (found.streak, found.longest) == (streak, longest)


def test_a_mistake_counts_once_an_attempt():
    for begun in (NOW - 2 * DAY, NOW - DAY):
        history.note("adam", "new", at=begun)
        for number in range(3):
            check("adam", begun + 60 * number + 1, passed=False)
    assert [one.times for one in stats.gather(NOW).mistakes] == [2]


def test_an_answer_that_was_shown_is_no_pass_of_ones_own():
    history.note("adam", "new", at=NOW)
    history.note("adam", "reveal", at=NOW + 1)
    check("adam", NOW + 60, passed=True)
    found = stats.gather(NOW)
    assert (found.passes, found.first_try, found.reveals, found.passed) == (0, 0, 1, 1)


def test_what_was_remembered_leaves_the_first_time_out():
    for number, rating in enumerate([1, 1, 3, 4]):
        cards.rate_question("adam", "adam-bias", cards.Rating(rating), NOW + number * DAY)
    assert stats.gather(NOW).remembered == pytest.approx(2 / 3)


def test_what_was_seen_on_the_first_day_was_not_asked_again():
    for seconds in (0, 60):
        cards.rate_question("adam", "adam-bias", cards.Rating.AGAIN, NOW + seconds)
    found = stats.gather(NOW)
    assert (found.reviews, found.remembered) == (2, None)
    assert not any("asked again" in line for line in render.lines(found))


def test_an_empty_history_has_numbers_too():
    found = stats.gather(NOW)
    assert (found.checks, found.median_seconds, found.remembered) == (0, None, None)
    assert not history.file().exists()
    assert "0 of 8 katas passed" in list(render.lines(found))


def test_bars_and_sparklines():
    assert render.bar(0.5, 4) == "██··"
    assert render.bar(7, 4) == "████"
    assert render.sparkline([0, 4, 8]) == "▁▅█"
    assert render.sparkline([0, 0]) == "▁▁"
    assert render.sparkline([]) == ""
    assert [render.minutes(n) for n in (None, 59, 600)] == ["-", "59 s", "10 min"]


@pytest.mark.parametrize("width", [60, 80])
def test_the_terminal_is_wide_enough(width):
    two_weeks()
    lines = list(render.lines(stats.gather(NOW), width))
    assert max(len(line) for line in lines) <= width
    assert any("A slip in <bpe>" in line for line in lines)


def test_two_passes_are_no_trend():
    two_weeks()
    assert not any("lately" in line for line in render.lines(stats.gather(NOW)))
    history.note("bpe", "new", at=NOW)
    check("bpe", NOW + 60, passed=True)
    assert any("; lately ▃█▃" in line for line in render.lines(stats.gather(NOW)))


class Page(HTMLParser):
    """Whether every element that was opened is closed, and what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "rect", "polyline"):
            self.open.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag):
        if tag not in ("meta", "rect", "polyline"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_page_stands_alone(kata, monkeypatch):
    monkeypatch.setenv("KATA_HOME", kata.env["KATA_HOME"])
    two_weeks()
    done = kata("stats", "--html", "out.html")
    assert done.code == 0, done.err
    text = (kata.folder / "out.html").read_text()
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.links == []
    assert not re.search(r"https?://|url\(|@import|<script", text)
    assert "prefers-color-scheme: dark" in text
    assert "A slip in <bpe>" in page.text  # as text: it was escaped
    assert text.count('class="shade-') == len(stats.gather(datetime.now().timestamp()).per_day)


def test_the_command(kata, monkeypatch):
    monkeypatch.setenv("KATA_HOME", kata.env["KATA_HOME"])
    two_weeks()
    record = kata("stats", "--json").json
    assert (record["schema"], record["checks"], record["first_try"]) == (1, 6, 1)
    assert "By topic" in kata("stats").out
    assert kata("stats", "--html", "no/such/folder/x.html").code == 2


def test_the_days_are_the_learners_own():
    midnight = datetime(2026, 9, 16).timestamp()
    check("adam", midnight - 1, passed=False)
    check("adam", midnight + 1, passed=False)
    days = database.rows("SELECT day FROM checks ORDER BY id")
    assert days == [("2026-09-15",), ("2026-09-16",)]
