"""What comes next and why: the rules one by one."""

from pathlib import Path

import pytest

from grader import cards, catalogue, history, schedule
from grader.cards import Rating
from grader.history import database, reviews
from grader.history.reviews import Pass
from grader.verdict import Case, Conclusion, Level, Mistake, Outcome, Verdict

DAY = schedule.DAY
NOON = 1_800_014_400.0  # noon in Greenwich, no midnight near for most


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_HOME", str(tmp_path))
    return tmp_path


def check(kata: str, at: float, *, passed: bool, mistake: str = "", selected: bool = False) -> None:
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    cases = tuple(
        Case(f"test_{n}", "a", Level.CORRECT, outcome if n == 0 else Outcome.PASSED)
        for n in range(3)
    )
    named = (Mistake(mistake.lower(), mistake),) if mistake else ()
    conclusion = Conclusion.PASSED if passed else Conclusion.FAILED
    verdict = Verdict(kata, "torch", "cpu", conclusion, 0.1, cases, named, selected=selected)
    history.record(verdict, Path("nowhere.py"), f"{kata} {at}", at=at)


def attempt(kata: str, at: float, *, fails: int = 0, hints: int = 0, mistake: str = "") -> None:
    """Begun at `at`, a check a minute, passed by the last one."""
    history.note(kata, "new", at=at)
    for number in range(hints):
        history.note(kata, "hint", at=at + number + 1)
    for number in range(fails):
        check(kata, at + 60 * (number + 1), passed=False, mistake=mistake)
    check(kata, at + 60 * (fails + 1), passed=True)


def first(now: float, topic: str | None = None) -> schedule.Pick:
    return schedule.plan(now, topic)[0]


def ratings(kata: str) -> list[int]:
    cards.catch_up()
    return [
        row[0]
        for row in database.rows(
            "SELECT rating FROM reviews WHERE kind = 'kata' AND kata = ? ORDER BY at", [kata]
        )
    ]


@pytest.mark.parametrize(
    "tries, worked, hints, rating",
    [
        (1, 600, 0, Rating.EASY),
        (1, 1801, 0, Rating.GOOD),
        (2, 600, 0, Rating.GOOD),
        (5, 600, 0, Rating.GOOD),
        (6, 600, 0, Rating.HARD),
        (1, 600, 1, Rating.HARD),
    ],
)
def test_the_rating_comes_from_what_happened(tries, worked, hints, rating):
    one = Pass(1, NOON, "adam", tries, worked, hints, given=False)
    assert cards.rating_of(one, minutes=30) is rating


def test_the_history_of_an_attempt_becomes_its_rating():
    attempt("adam", NOON)
    attempt("adam", NOON + DAY, fails=2)
    attempt("adam", NOON + 2 * DAY, fails=6)
    attempt("adam", NOON + 3 * DAY, hints=1)
    assert ratings("adam") == [Rating.EASY, Rating.GOOD, Rating.HARD, Rating.HARD]


def test_only_full_checks_count_as_tries():
    history.note("adam", "new", at=NOON)
    for number in range(8):
        check("adam", NOON + number + 1, passed=number % 2 == 0, selected=True)
    check("adam", NOON + 20, passed=True)
    assert ratings("adam") == [Rating.EASY]


def test_a_solution_that_was_looked_at_means_again_and_typing_it_in_means_nothing():
    history.note("adam", "new", at=NOON)
    check("adam", NOON + 60, passed=False)
    history.note("adam", "reveal", at=NOON + 120)
    history.note("adam", "reveal", at=NOON + 130)
    check("adam", NOON + 200, passed=True)
    assert ratings("adam") == [Rating.AGAIN]
    tomorrow = first(NOON + DAY)
    assert (tomorrow.kata.slug, tomorrow.kind) == ("adam", "due")
    assert "you looked at the solution" in tomorrow.why


def test_looking_at_the_solution_after_passing_costs_nothing():
    attempt("adam", NOON)
    history.note("adam", "reveal", at=NOON + 3600)
    assert ratings("adam") == [Rating.EASY]


def test_a_pass_counts_once_an_attempt_and_an_old_answer_brought_back_does_not():
    attempt("adam", NOON)
    check("adam", NOON + 300, passed=True)
    history.note("adam", "reset", at=NOON + DAY)
    verdict = history.last_check("adam").verdict
    history.record(verdict, Path("nowhere.py"), f"adam {NOON + 60}", at=NOON + DAY + 60)
    assert ratings("adam") == [Rating.EASY]


def test_a_repaired_wrong_answer_is_no_review():
    history.note("adam", "new", "broken", at=NOON)
    check("adam", NOON + 60, passed=True)
    assert ratings("adam") == []


def test_what_is_due_says_why():
    attempt("adam", NOON, fails=2, mistake="No bias correction.")
    attempt("adam", NOON + DAY, fails=1, mistake="No bias correction.")
    cards.catch_up()
    due = reviews.due("kata")["adam", ""]
    assert first(due - 2 * DAY).kind == "new"
    today = first(due)
    assert (today.kata.slug, today.kind) == ("adam", "due")
    assert today.why == "due today; you made this mistake twice: no bias correction"
    assert first(due + DAY).why.startswith("due since yesterday;")
    assert first(due + 9 * DAY).why.startswith("due for 9 days;")


def test_an_attempt_under_way_comes_first_and_gives_way_when_it_is_left_alone():
    attempt("adam", NOON, fails=6)
    cards.catch_up()
    day = reviews.due("kata")["adam", ""]
    history.note("bpe", "new", at=day)
    check("bpe", day + 60, passed=False)
    assert first(day + 120).why == "1 of 3 cases to go at your last check, today"
    assert [pick.kata.slug for pick in schedule.plan(day + 3 * DAY)][:2] == ["adam", "bpe"]


def test_a_new_kata_waits_for_what_it_builds_on():
    for kata in catalogue.every():
        if kata.slug not in ("softmax-ce", "relative-attention", "kv-cache", "top-p"):
            attempt(kata.slug, NOON)
    order = [pick for pick in schedule.plan(NOON + 600) if pick.kind == "new"]
    needy = [pick for pick in order if "better after" in pick.why]
    assert needy
    assert order[-len(needy) :] == needy
    assert all(set(pick.kata.requires) & {p.kata.slug for p in order} for pick in needy)
    for pick in order:
        if pick not in needy:
            attempt(pick.kata.slug, NOON + 700)
    after = [pick for pick in schedule.plan(NOON + 1600) if pick.kind == "new"]
    assert "which it builds on" in after[0].why


def test_the_new_kata_of_a_weak_topic_comes_earlier():
    topic = catalogue.find("kv-cache").topic
    before = [pick.kata.slug for pick in schedule.plan(NOON)]
    for number in range(4):
        attempt("relative-attention", NOON + number * DAY, fails=7, hints=2)
    plan = [pick for pick in schedule.plan(NOON + 4 * DAY) if pick.kind == "new"]
    assert before.index("kv-cache") > 0
    assert plan[0].kata.slug == "kv-cache"
    assert f"{topic} is your weakest topic" in plan[0].why


def test_when_nothing_is_due_the_soonest_is_offered():
    for kata in catalogue.every():
        attempt(kata.slug, NOON)
    pick, *others = schedule.plan(NOON + 3600)
    assert pick.kind == "early"
    assert pick.why.startswith("nothing is due today; due in ")
    assert not any("nothing is due" in other.why for other in others)


def test_a_clock_that_jumps_breaks_nothing():
    attempt("adam", NOON + 400 * DAY)
    attempt("adam", NOON)  # set back by a year
    attempt("bpe", NOON + 60, fails=1)
    plan = schedule.plan(NOON + 3600)
    assert {pick.kata.slug for pick in plan} == set(catalogue.slugs())
    assert min(line.worked for line in history.lines()) >= 0


def test_a_kata_that_is_gone_leaves_the_rest_alone():
    attempt("long-gone", NOON)
    assert "long-gone" not in [pick.kata.slug for pick in schedule.plan(NOON + DAY)]


def test_the_command_scaffolds_afresh_and_keeps_the_old_answer_out_of_sight(kata):
    old = kata.write("old = 'answer'\n", "attempts/batchnorm.py")
    said = kata("next").out
    assert "batchnorm" in said
    assert "kata next --start" in said
    done = kata("next", "--start", "--topic", "normalisation")
    assert done.code == 0, done.err
    assert "raise NotImplementedError" in old.read_text()
    archived = list((kata.folder / "attempts" / "archive").glob("batchnorm.*.py"))
    assert [path.read_text() for path in archived] == ["old = 'answer'\n"]
    going = kata("next", "--start", "--json").json["next"][0]
    assert (going["kata"], going["kind"]) == ("batchnorm", "unfinished")
    assert len(list((kata.folder / "attempts" / "archive").iterdir())) == 1
    wrong = kata("next", "--topic", "cooking")
    assert wrong.code == 2
    assert "attention" in wrong.err
