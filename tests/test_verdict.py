"""No evidence, no pass; and a verdict says the same after a journey through JSON."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.verdict import (
    Case,
    Conclusion,
    Level,
    Mistake,
    Outcome,
    Verdict,
    conclude,
    verdict_from_json,
)


def case(name="a", outcome=Outcome.PASSED, level=Level.CORRECT, **more):
    return Case(name, f"claim {name}", level, outcome, **more)


def test_all_promised_cases_passed_is_a_pass():
    assert conclude([case("a"), case("b")], 2) is Conclusion.PASSED


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_more_or_fewer_reports_than_promised_are_no_verdict(expected):
    assert conclude([case("a"), case("b")], expected) is Conclusion.BROKEN


def test_nothing_promised_and_nothing_reported_is_no_pass():
    assert conclude([], 0) is Conclusion.BROKEN
    assert conclude([], 3) is Conclusion.BROKEN


@pytest.mark.parametrize("outcome", ["failed", "timeout", "crashed", "refused"])
def test_one_case_that_did_not_pass_fails_the_attempt(outcome):
    assert conclude([case("a"), case("b", Outcome(outcome))], 2) is Conclusion.FAILED


def test_a_broken_case_breaks_the_verdict_whatever_else_happened():
    cases = [case("a", Outcome.FAILED), case("b", Outcome.BROKEN), case("c")]
    assert conclude(cases, 3) is Conclusion.BROKEN


@given(st.lists(st.sampled_from(Outcome), max_size=6), st.integers(-1, 7))
def test_a_pass_needs_every_promised_case_to_have_passed(outcomes, expected):
    cases = [case(str(index), outcome) for index, outcome in enumerate(outcomes)]
    passed = conclude(cases, expected) is Conclusion.PASSED
    assert passed == (outcomes == [Outcome.PASSED] * expected and expected > 0)


VERDICT = Verdict(
    kata="adam",
    flavour="torch",
    device="cpu",
    outcome=Conclusion.FAILED,
    seconds=0.123456,
    cases=(
        case("a", asks=("q-a",)),
        case("b", Outcome.FAILED, asks=("q-b", "q-m")),
        case("c", Outcome.TIMEOUT, Level.FAST, asks=("q-b",), details={"input": "x"}, output="o"),
    ),
    diagnosis=(Mistake("epsilon_inside_root", "Epsilon inside the root", ("q-m",)),),
    error="",
    selected=True,
)


def test_levels_count_passed_and_all_and_leave_out_the_empty():
    assert VERDICT.levels == {"correct": (1, 2), "fast": (0, 1)}


def test_questions_of_the_named_mistake_come_first_and_none_twice():
    assert VERDICT.questions == ["q-m", "q-b"]


def test_a_passed_case_asks_nothing():
    assert replace(VERDICT, cases=VERDICT.cases[:1], diagnosis=()).questions == []


def test_a_verdict_comes_back_from_json_as_it_was():
    there = json.loads(json.dumps(VERDICT.to_json()))
    assert verdict_from_json(there) == replace(VERDICT, seconds=0.1235)


@pytest.mark.parametrize("outcome", ["pass", "", None, 1])
def test_an_outcome_that_there_is_not_is_refused(outcome):
    with pytest.raises(ValueError):
        verdict_from_json(VERDICT.to_json() | {"outcome": outcome})
