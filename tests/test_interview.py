"""A mock interview as a value: its plan, its events, its clocks, its rubric, what is stored of it."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import cards, catalogue
from grader.history import database, transfer
from grader.interview import debrief, handin, plan, rubric, store
from grader.interview.events import Event, Kind, apply
from grader.interview.interview import (
    QUESTIONS,
    Ending,
    Interview,
    clock,
    from_json,
    tone,
)
from grader.interview.keeper import Keeper
from grader.interview.plan import Wish
from grader.interview.session import Session
from grader.screens.mock_panes import clocks


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KATA_WORKSPACE", str(tmp_path / "work"))
    return


def planned(**wish: Any) -> Interview:
    return plan.plan(Wish(**{"seed": 3, **wish}), catalogue.every(), {})


def begun(**wish: Any) -> Interview:
    return store.begin(planned(**wish))


def check(green: int, total: int, at: float) -> dict[str, Any]:
    return {
        "at": at,
        "levels": {"correct": (green, total)},
        "green": [f"test_{number}" for number in range(green)],
        "passed": green == total,
    }


def verdict(kata: str, passed: int, total: int) -> dict[str, Any]:
    cases = [
        {
            **{"name": f"test_{number}", "claim": f"claim {number}", "level": "correct"},
            **{"outcome": "passed" if number < passed else "failed", "seconds": 0.0},
            **{"message": "", "output": "", "details": {}, "asks": []},
        }
        for number in range(total)
    ]
    return {
        **{"schema": 1, "kata": kata, "flavour": "torch", "device": "cpu", "seconds": 0.1},
        **{"outcome": "passed" if passed == total else "failed", "error": "", "selected": False},
        **{"levels": {"correct": [passed, total]}, "cases": cases, "diagnosis": []},
    }


# the plan


def test_the_same_seed_gives_the_same_interview() -> None:
    one, other = planned(minutes=75), planned(minutes=75)
    assert [part.kata for part in one.parts] == [part.kata for part in other.parts]
    assert one.asked == other.asked
    chosen = {tuple(part.kata for part in planned(minutes=75, seed=n).parts) for n in range(12)}
    assert len(chosen) > 3


@pytest.mark.parametrize("minutes", [45, 60, 90, 150])
def test_the_katas_fit_the_minutes_and_fill_them(minutes: int) -> None:
    for seed in range(8):
        interview = planned(minutes=minutes, seed=seed)
        total = sum(catalogue.find(part.kata).minutes for part in interview.parts)
        assert 0.4 * minutes <= total <= minutes
        shares = sum(interview.share(stop) for stop in interview.stops())
        assert math.isclose(shares, 60 * minutes)
        assert not interview.notes


def test_the_level_and_the_topics_are_kept() -> None:
    for level, (low, high) in plan.LEVELS.items():
        for part in planned(minutes=120, level=level).parts:
            assert low <= catalogue.find(part.kata).difficulty <= high
    topics = ("attention", "losses")
    for part in planned(minutes=120, topics=topics).parts:
        assert catalogue.find(part.kata).topic in topics


def test_without_a_kata_that_fits_the_shortest_is_taken_and_it_is_said() -> None:
    interview = planned(minutes=0.3)
    shortest = min(kata.minutes for kata in catalogue.every())
    assert [catalogue.find(part.kata).minutes for part in interview.parts] == [shortest]
    assert "No kata fits" in interview.notes[0]


@pytest.mark.parametrize("minutes", [0, -1, 1_000_000, math.nan, math.inf])
def test_impossible_minutes_get_a_sentence(minutes: float) -> None:
    with pytest.raises(plan.BadPlan, match="at most 480 minutes"):
        planned(minutes=minutes)


def test_a_topic_without_a_kata_of_the_level_gets_a_sentence() -> None:
    with pytest.raises(plan.BadPlan, match="optimisers"):
        planned(level="hard", topics=("optimisers",))


def test_katas_that_were_passed_come_less_often() -> None:
    katas = catalogue.every()
    record = {kata.slug: "passed" for kata in katas if kata.topic != "attention"}

    def attention(known: dict[str, str]) -> int:
        plans = [plan.plan(Wish(minutes=45, seed=seed), katas, known) for seed in range(60)]
        return sum(catalogue.find(p.parts[0].kata).topic == "attention" for p in plans)

    assert attention(record) > attention({})


def test_spoken_questions_are_not_those_of_the_katas_at_hand() -> None:
    for seed in range(10):
        interview = planned(minutes=90, seed=seed)
        here = {part.kata for part in interview.parts}
        assert interview.asked
        assert not here & {asked.kata for asked in interview.asked}
        assert len({asked.id for asked in interview.asked}) == len(interview.asked)


def test_a_follow_up_does_not_give_its_answer_away() -> None:
    for kata in catalogue.every():
        for question in plan.questions.load(kata.folder):
            asked = plan._follow_up(question)
            assert asked.text[-1] in "?.!", asked
            assert asked.points


# events and clocks


def test_the_state_is_what_the_events_came_to() -> None:
    session = Session(begun(minutes=75))
    first, second = (part.kata for part in session.interview.parts[:2])
    session.open()
    session.go(second)
    session.happen(Kind.CHECKED, kata=second, check=check(3, 5, time.time()), text="x")
    session.submit()
    session.go(QUESTIONS)
    session.answer(session.interview.asked[0].id, "an answer")
    session.note("A sentence.")
    handin.freeze(session, Ending.FINISHED)
    session.happen(Kind.GRADED, kata=second, verdict=verdict(second, 3, 5))
    session.happen(Kind.TICKED, id=session.interview.asked[0].id, points=[0])

    events = store.events(session.interview.number)
    assert [event.kind for event in events][:2] == [Kind.BEGAN, Kind.OPENED]
    state = from_json(events[0].detail["plan"])
    for event in events:
        state = apply(state, event)
    assert state == session.interview == store.finished(None)
    assert from_json(json.loads(json.dumps(state.to_json()))) == state
    assert first in state.stops()


def test_the_clock_of_a_part_runs_while_it_is_the_current_one() -> None:
    interview = planned(minutes=75)
    first, second = (part.kata for part in interview.parts[:2])
    start = interview.begun
    moved = apply(interview, Event(Kind.MOVED, start + 100, {"to": second}))
    back = apply(moved, Event(Kind.MOVED, start + 130, {"to": first}))
    assert back.spent(first, start + 150) == pytest.approx(120)
    assert back.spent(second, start + 150) == pytest.approx(30)
    over = apply(back, Event(Kind.ENDED, interview.deadline + 999, {"texts": {}, "ending": "time"}))
    assert over.ended == interview.deadline
    total = sum(over.spent(stop, interview.deadline + 5000) for stop in over.stops())
    assert total == pytest.approx(interview.seconds)


def test_a_clock_that_goes_backwards_takes_no_time_away() -> None:
    interview = planned(minutes=75)
    first, second = (part.kata for part in interview.parts[:2])
    moved = apply(interview, Event(Kind.MOVED, interview.begun - 3600, {"to": second}))
    assert moved.spent(first, interview.begun) == 0
    assert moved.deadline == interview.deadline


@pytest.mark.parametrize(
    ("left", "colour"), [(100, "calm"), (20, "calm"), (19.9, "amber"), (4.9, "red"), (-1, "red")]
)
def test_the_clock_is_amber_in_the_last_fifth_and_red_in_the_last_twentieth(
    left: float, colour: str
) -> None:
    assert tone(left, 100) == colour


def test_clocks_read_as_minutes_and_seconds() -> None:
    assert [clock(x) for x in (0, 59.6, 61, 4500, -61, -0.2)] == [
        *("0:00", "1:00", "1:01", "75:00", "-1:01", "0:00")
    ]


def test_the_first_pass_brings_the_follow_up_questions_once() -> None:
    interview = planned()
    part, before = interview.parts[0], len(interview.asked)
    detail = {"kata": part.kata, "text": "x"}
    for green in (3, 5, 4, 5):
        event = Event(Kind.CHECKED, interview.begun, detail | {"check": check(green, 5, 0.0)})
        interview = apply(interview, event)
    assert len(interview.asked) == before + plan.FOLLOW_UPS
    assert all(asked.kata == part.kata and asked.follow_up for asked in interview.asked[before:])


def test_a_change_after_submitting_opens_the_part_again() -> None:
    interview = planned()
    kata = interview.parts[0].kata
    interview = apply(interview, Event(Kind.SUBMITTED, 0, {"kata": kata, "text": "x"}))
    for text, submitted in (("x", True), ("y", False)):
        detail = {"kata": kata, "text": text, "check": check(3, 5, 0.0)}
        interview = apply(interview, Event(Kind.CHECKED, 0, detail))
        assert interview.part(kata).submitted is submitted


def test_a_clock_that_jumps_is_noted_and_moves_no_deadline() -> None:
    session = Session(begun())
    deadline = session.interview.deadline
    session.tick_clock()
    assert not session.interview.notes
    session.wall -= 3600  # as if the wall clock had been set an hour ahead since the last look
    session.tick_clock()
    assert session.interview.notes == (
        "The clock was set forward by 3600 s; the end stayed where it was.",
    )
    assert session.interview.deadline == deadline


def test_a_clock_that_was_set_back_between_two_sittings_is_noted() -> None:
    interview = begun()
    ahead = replace(interview, since=interview.since + 3600)
    session = Session(ahead)
    session.look_back()
    assert "before what happened last" in session.interview.notes[0]
    assert session.interview.deadline == interview.deadline
    calm = Session(interview)
    calm.look_back()
    assert not calm.interview.notes


@pytest.mark.parametrize(
    ("left", "style"), [(0.5, ""), (0.19, "bold $warning"), (0.04, "bold $error")]
)
def test_both_clocks_turn_amber_and_red_on_the_screen(left: float, style: str) -> None:
    interview = planned()
    part = interview.parts[0]
    now = interview.deadline - left * interview.seconds
    since = now - (1 - left) * part.seconds
    shown = clocks(replace(interview, since=since), now)
    styles = {shown.plain[span.start : span.end]: span.style for span in shown.spans}
    whole, own = clock(left * interview.seconds), clock(left * part.seconds)
    assert styles[f"{whole} left "] == (style or "bold")
    assert styles.get(own, "") == style


# what is stored


def test_there_is_one_interview_at_a_time() -> None:
    first = begun()
    with pytest.raises(store.InterviewOpen, match=f"Interview {first.number} is not over"):
        begun()
    assert store.resume() == first
    handin.freeze(Keeper(first), Ending.ABANDONED)
    assert begun().number == first.number + 1


def test_only_one_process_holds_an_interview() -> None:
    code = "from grader.interview import store\nwith store.alone(): pass"
    run = [sys.executable, "-c", code]
    with store.alone():
        held = subprocess.run(run, capture_output=True, text=True, env=os.environ)
        assert "InterviewOpen" in held.stderr
    assert subprocess.run(run, env=os.environ).returncode == 0


def test_unknown_and_unfinished_interviews_get_a_sentence() -> None:
    with pytest.raises(store.NoInterview, match="There was no interview yet"):
        store.finished(None)
    with pytest.raises(store.NoInterview, match="No interview is open"):
        store.resume()
    number = begun().number
    with pytest.raises(store.NoInterview, match=f"There is: {number}"):
        store.finished(number + 7)
    with pytest.raises(store.InterviewOpen, match="kata mock --resume"):
        store.finished(number)


def test_with_a_history_that_cannot_be_written_the_interview_goes_on() -> None:
    session = Session(begun())
    version = database.rows("PRAGMA user_version")[0][0]
    with database.transaction() as connection:
        connection.execute(f"PRAGMA user_version = {version + 9}")
    session.happen(Kind.NOTED, text="Still here.")
    assert "newer kata" in session.told
    assert session.interview.notes == ("Still here.",)


def test_an_interview_outlives_its_history_being_set_aside() -> None:
    session = Session(begun())
    for path in database.file().parent.glob("history.sqlite-*"):
        path.unlink()
    database.file().write_bytes(b"no database " * 500)
    session.note("Before.")
    assert "damaged" in session.told
    session.note("After.")
    assert store.resume() == session.interview
    assert session.interview.notes == ("Before.", "After.")
    handin.freeze(session, Ending.FINISHED)
    assert store.finished(None) == session.interview


def test_an_imported_interview_keeps_its_own_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handin.freeze(Keeper(begun(seed=1)), Ending.FINISHED)
    lines = list(transfer.dump())
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "other"))
    ours = Keeper(begun(seed=2))
    handin.freeze(ours, Ending.FINISHED)
    assert transfer.load(lines, cards.refresh)["interview"] == 1
    imported = store.finished(2)
    assert (imported.number, imported.seed) == (2, 1)
    Keeper(imported).happen(Kind.NOTED, text="Seen.")
    assert store.finished(1) == ours.interview
    assert store.finished(2).notes[-1] == "Seen."


def test_an_interview_that_ended_elsewhere_is_over_here_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(begun())
    early = list(transfer.dump())
    handin.freeze(keeper, Ending.FINISHED)
    late = list(transfer.dump())
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "other"))
    transfer.load(early, cards.refresh)
    assert store.resume().ended is None
    assert transfer.load(late, cards.refresh)["interview"] == 0
    assert store.finished(None) == keeper.interview
    transfer.load(early, cards.refresh)
    assert store.finished(None) == keeper.interview


@pytest.mark.parametrize("state", ["", "[]", "{}", '{"parts": 3}'])
def test_a_row_that_is_no_interview_is_a_sentence(state: str) -> None:
    number = begun().number
    with database.transaction() as connection:
        connection.execute("UPDATE interviews SET state = ?", (state,))
    with pytest.raises(store.NoInterview, match=f"Interview {number} cannot be read"):
        store.finished(number)


# the end


def opened() -> Session:
    session = Session(begun())
    session.open()
    return session


def test_the_attempt_is_a_fresh_file_and_the_old_one_is_archived(tmp_path: Path) -> None:
    kata = planned().parts[0].kata
    folder = tmp_path / "work" / "attempts"
    folder.mkdir(parents=True)
    (folder / f"{kata}.py").write_text("old = 1\n")
    part = opened().interview.parts[0]
    assert "NotImplementedError" in Path(part.path).read_text("utf-8")
    assert [old.read_text() for old in (folder / "archive").iterdir()] == ["old = 1\n"]


def test_what_is_handed_in_is_the_file_as_it_stands() -> None:
    session = opened()
    part = session.interview.parts[0]
    Path(part.path).write_text("x = 1\n")
    handin.freeze(session, Ending.FINISHED)
    Path(part.path).write_text("x = 2\n")
    handin.freeze(session, Ending.TIME)
    frozen = session.interview
    assert (frozen.parts[0].text, frozen.ending) == ("x = 1\n", "finished")
    assert all(other.text is None for other in frozen.parts[1:])


def test_a_deleted_attempt_counts_as_it_was_checked_last() -> None:
    session = opened()
    part = session.interview.parts[0]
    detail = check(3, 5, time.time())
    session.happen(Kind.CHECKED, kata=part.kata, check=detail, text="checked = 1\n")
    Path(part.path).unlink()
    assert session.saved() == ""
    handin.freeze(session, Ending.TIME)
    assert session.interview.parts[0].text == "checked = 1\n"
    assert any("is gone" in note for note in session.interview.notes)


def test_what_was_written_after_the_end_does_not_count() -> None:
    session = opened()
    part = session.interview.parts[0]
    path = Path(part.path)
    path.write_text("late = 1\n")
    late = session.interview.deadline + 60
    os.utime(path, (late, late))
    handin.freeze(session, Ending.TIME)
    assert session.interview.parts[0].text == part.saved != "late = 1\n"
    assert any("after the end" in note for note in session.interview.notes)


def test_a_save_counts_once_it_rests() -> None:
    session = opened()
    part = session.interview.parts[0]
    assert [session.saved() for _ in range(3)] == ["", "", ""]
    Path(part.path).write_text("x = 1\n")
    assert [session.saved() for _ in range(2)] == ["", part.kata]
    Path(part.path).write_text("")
    assert [session.saved() for _ in range(3)] == ["", "", ""]


def test_a_check_of_a_broken_file_is_a_sentence() -> None:
    session = opened()
    part = session.interview.parts[0]
    Path(part.path).write_text("def f(:\n")
    session.take(session.check(part.kata))
    assert "line 1" in session.told
    assert not session.interview.parts[0].checks


def test_a_kata_that_is_no_longer_there_ends_in_a_debrief() -> None:
    interview = planned(minutes=75)
    gone = replace(interview.parts[0], kata="gone-for-good", title="Gone")
    parts = (gone, *interview.parts[1:])
    session = Session(store.begin(replace(interview, parts=parts, current="gone-for-good")))
    session.open()
    assert "cannot be opened" in session.told
    assert "no longer there" in session.brief()
    session.step(1)
    handin.freeze(session, Ending.FINISHED)
    shown = debrief.of_interview(session.interview)
    assert next(kata.kata for kata in shown.katas) == "gone-for-good"
    assert shown.katas[0].missing


# the rubric


def finished(passed: int, *, total: int = 5, replies: str = "", spent: float = 1.0) -> Interview:
    interview = planned(minutes=75)
    for part in interview.parts:
        detail = {"kata": part.kata, "text": "x", "check": check(passed, total, interview.begun)}
        interview = apply(interview, Event(Kind.CHECKED, interview.begun, detail))
        graded = {"kata": part.kata, "verdict": verdict(part.kata, passed, total)}
        interview = apply(interview, Event(Kind.GRADED, interview.begun, graded))
    for asked in interview.asked:
        detail = {"id": asked.id, "reply": replies or " ".join(asked.points)}
        interview = apply(interview, Event(Kind.ANSWERED, interview.begun, detail))
    interview = apply(
        interview,
        Event(
            Kind.ENDED,
            interview.begun + spent,
            {"texts": {part.kata: "x" for part in interview.parts}, "ending": "finished"},
        ),
    )
    return interview


def test_the_weights_of_the_rubric_make_a_hundred() -> None:
    assert sum(criterion.weight for criterion in rubric.RUBRIC) == 100


def test_everything_right_is_nearly_everything() -> None:
    marks = {mark.name: mark.points for mark in rubric.score(finished(5))}
    assert [marks[name] for name in ("correct", "robust", "fast", "time", "checks")] == [
        *(35, 0, 0, 10, 5)  # all cases of this interview are of level correct
    ]
    assert marks["questions"] > 17
    assert rubric.in_words(rubric.total(rubric.score(finished(5)))) == "strong yes"


def test_what_no_kata_is_asked_for_gives_no_points() -> None:
    """An untouched stub earned ten of a hundred once, for cases that do not exist."""
    (fast,) = (mark for mark in rubric.score(finished(0)) if mark.name == "fast")
    assert (fast.points, fast.weight, fast.share) == (0, 0, 0)


def test_nothing_done_is_nothing() -> None:
    interview = planned(minutes=75)
    ended = Event(Kind.ENDED, interview.deadline, {"texts": {}, "ending": "time"})
    marks = rubric.score(apply(interview, ended))
    assert rubric.total(marks) == 0
    assert rubric.in_words(0) == "not yet"


def test_half_the_cases_are_half_the_points_and_no_time_bonus() -> None:
    marks = {mark.name: mark.points for mark in rubric.score(finished(2, total=4, replies="no"))}
    assert marks["correct"] == 17.5
    assert marks["time"] == marks["checks"] == marks["questions"] == 0


def test_a_kata_passed_late_gets_half_of_the_time() -> None:
    late = finished(5, spent=74 * 60)
    in_time = {mark.name: mark.points for mark in rubric.score(finished(5))}["time"]
    assert {mark.name: mark.points for mark in rubric.score(late)}["time"] < in_time


def test_more_than_three_checks_cost_a_little() -> None:
    interview = finished(5)
    part = interview.parts[0]
    many = replace(part, checks=part.checks * 9)
    parts = (many, *interview.parts[1:])
    marks = {mark.name: mark.points for mark in rubric.score(replace(interview, parts=parts))}
    assert 0 < marks["checks"] < 5


def test_the_words_of_a_key_point_suggest_it_and_ticks_overrule() -> None:
    asked = replace(
        planned().asked[0],
        points=("the averages are biased towards zero, not the gradients", "no curvature"),
        reply="An average starts at zero, so it is biased, unlike the gradient.",
    )
    assert rubric.suggest(asked) == (0,)
    assert rubric.points_of(asked) == (0,)
    assert rubric.points_of(replace(asked, ticked=(1,))) == (1,)
    assert rubric.points_of(replace(asked, ticked=())) == ()
    assert rubric.suggest(replace(asked, reply="that this with from")) == ()


def test_the_debrief_says_when_each_case_stayed_green() -> None:
    interview = planned()
    part = interview.parts[0]
    for at, green in ((10, 3), (20, 1), (30, 4)):
        checked = check(green, 5, interview.begun + at)
        detail = {"kata": part.kata, "text": "x", "check": checked}
        interview = apply(interview, Event(Kind.CHECKED, interview.begun + at, detail))
    graded = {"kata": part.kata, "verdict": verdict(part.kata, 4, 5)}
    interview = apply(interview, Event(Kind.GRADED, interview.begun + 40, graded))
    ended = {"texts": {part.kata: "x"}, "ending": "finished"}
    interview = apply(interview, Event(Kind.ENDED, interview.begun + 40, ended))
    shown = debrief.of_interview(interview).katas[0]
    seconds = [None if green.at is None else round(green.at) for green in shown.greens]
    assert seconds == [10, 30, 30, 30, None]
    assert [(round(step.at), step.passed) for step in shown.steps] == [(10, 3), (20, 1), (30, 4)]


def test_the_debrief_says_that_help_was_switched_on() -> None:
    plain = replace(planned(), ended=0.0, ending="time")
    helped = replace(plain, hints=True, mistakes=True)
    assert debrief.of_interview(plain).conditions.startswith("Interview conditions")
    assert "hints and names of mistakes" in debrief.of_interview(helped).conditions


def test_the_debrief_is_json(tmp_path: Path) -> None:
    shown = debrief.of_interview(finished(3)).to_json()
    again = json.loads(json.dumps(shown, allow_nan=False))
    assert again["schema"] == 1
    points, weights = (sum(mark[name] for mark in again["marks"]) for name in ("points", "weight"))
    assert again["total"] == round(100 * points / weights)
    assert {kata["verdict"]["outcome"] for kata in again["katas"]} == {"failed"}
    assert again["practise"]
