"""Mutants: what is made, what catches them, and how a survivor is judged."""

import ast
from pathlib import Path

import pytest

from grader import catalogue
from grader.authoring import judgements
from grader.authoring.mutants import mutants_of
from grader.errors import BadManifest

SOURCE = '''
"""A module."""
import math


class Clipper:
    """Cuts long vectors."""

    def __init__(self, longest: float = 2.0, *, strict: bool = False) -> None:
        if longest <= 0:
            raise ValueError(f"longest must be above 0, got {longest + 1}")
        self.longest = longest
        self.strict = strict

    def clip(self, x):
        """A shorter copy."""
        length = x.square().sum(dim=-1, keepdim=True).sqrt()
        too_long = (length > self.longest) & self.strict
        x = x - x[..., 1:] @ x.T
        return x * math.hypot(length, too_long)


def count(n):
    total = 0
    for i in range(n):
        if i in (1, n - 1):
            continue
        total += i
    return total
'''


def changes(source: str) -> list[str]:
    """The names of all mutants, less the file."""
    return [mutant.id.removeprefix("solution.") for mutant in mutants_of(source, "solution")]


@pytest.mark.parametrize(
    "change",
    [
        "Clipper.__init__: if longest <= 0: -> if longest < 0:",
        "Clipper.__init__: if longest <= 0: -> if longest > 0:",
        "Clipper.__init__: if longest <= 0: -> if False:",
        "Clipper.__init__: if longest <= 0: -> if longest <= 1:",
        "Clipper.__init__: self.longest = longest -> (nothing)",
        "Clipper.__init__: self.longest = longest -> self.longest = strict",
        "Clipper.clip: length = x.square().sum(dim=-1, keepdim=True).sqrt()"
        " -> length = x.square().sum(dim=0, keepdim=True).sqrt()",
        "Clipper.clip: length = x.square().sum(dim=-1, keepdim=True).sqrt()"
        " -> length = x.square().sum(dim=-1, keepdim=False).sqrt()",
        "Clipper.clip: length = x.square().sum(dim=-1, keepdim=True).sqrt()"
        " -> length = x.square().sum(keepdim=True).sqrt()",
        "Clipper.clip: length = x.square().sum(dim=-1, keepdim=True).sqrt()"
        " -> length = x.square().mean(dim=-1, keepdim=True).sqrt()",
        "Clipper.clip: length = x.square().sum(dim=-1, keepdim=True).sqrt()"
        " -> length = x.square().sum(dim=-1, keepdim=True)",
        "Clipper.clip: too_long = (length > self.longest) & self.strict"
        " -> too_long = (length > self.longest) | self.strict",
        "Clipper.clip: too_long = (length > self.longest) & self.strict"
        " -> too_long = (length > self.strict) & self.strict",
        "Clipper.clip: x = x - x[..., 1:] @ x.T -> x = x + x[..., 1:] @ x.T",
        "Clipper.clip: x = x - x[..., 1:] @ x.T -> x = x[..., 1:] @ x.T - x",
        "Clipper.clip: x = x - x[..., 1:] @ x.T -> x = x - x[..., 2:] @ x.T",
        "Clipper.clip: x = x - x[..., 1:] @ x.T -> x = x - x[..., :] @ x.T",
        "Clipper.clip: x = x - x[..., 1:] @ x.T -> x = x - x[..., 1:] @ x",
        "Clipper.clip: return x * math.hypot(length, too_long)"
        " -> return x * math.hypot(too_long, length)",
        "Clipper.clip: return x * math.hypot(length, too_long) -> return too_long",
        "count: for i in range(n): -> for i in range(n - 1):",
        "count: if i in (1, n - 1): -> if i not in (1, n - 1):",
        "count: continue -> break",
        "count: total += i -> total -= i",
        "count: return total -> return n",
        "count: return total -> return None",
    ],
)
def test_the_usual_slips_are_made(change: str) -> None:
    assert change in changes(SOURCE)


def test_no_two_mutants_are_the_same_program_and_all_can_be_compiled() -> None:
    mutants = mutants_of(SOURCE, "solution")
    assert len({mutant.source for mutant in mutants}) == len(mutants)
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    original = ast.unparse(ast.parse(SOURCE))
    for mutant in mutants:
        compile(mutant.source, mutant.id, "exec")
        assert mutant.source.strip() != original.strip()


def test_words_and_annotations_stay_as_they_are() -> None:
    for mutant in mutants_of(SOURCE, "solution"):
        for kept in ('"""A module."""', '"""Cuts long vectors."""', "longest: float", "-> None"):
            assert kept in mutant.source
        assert "above 0, got {longest + 1}" in mutant.source


def test_a_name_outlives_lines_that_come_or_go() -> None:
    moved = SOURCE.replace("import math", "# why\nimport math\n\n").replace(
        "total = 0", "total = 0\n"
    )
    assert changes(moved) == changes(SOURCE)
    lines = [mutant.line for mutant in mutants_of(SOURCE, "solution")]
    assert lines == sorted(lines)
    assert [mutant.line for mutant in mutants_of(moved, "solution")] != lines


def test_changes_that_read_alike_are_numbered() -> None:
    names = changes("def f(x):\n    x = x + 1\n    x = x + 1\n    return x\n")
    assert "f: x = x + 1 -> x = x - 1" in names
    assert "f: x = x + 1 -> x = x - 1 (2)" in names


# the real command on a kata of the test's own


MANIFEST = """
title = "Countdown"
summary = "Counts down"
topic = "tests"
difficulty = 1
minutes = 5
exports = ["down", "weight"]
flavours = ["torch"]
devices = ["cpu"]

[limits]
memory_mb = 512
"""
SOLUTION = """
import os


def down(n):
    left = n
    while left > 0:
        left -= 1
    return left


def weight():
    os.kill(os.getpid(), 0)
    return len(bytearray(4_000_000_000 // 1_000_000_000))
"""
PROBES = """
def down(attempt, *, n):
    return attempt.down(n)


def weight(attempt):
    return attempt.weight()
"""
SUITE = """
from pytest import mark


@mark.level("correct")
def test_zero_is_reached(probe, check):
    check(probe.down(n=3) == 0, "not reached")


@mark.level("correct")
def test_something_is_weighed(probe, check):
    check(probe.weight() > 0, "nothing")
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one kata, `countdown`."""
    folder = tmp_path / "data"
    files = {
        "katas/countdown/kata.toml": MANIFEST,
        "katas/countdown/probes.py": PROBES,
        "reference/countdown/solution.py": SOLUTION,
        "reference/countdown/test_countdown.py": SUITE,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def mutate(kata, data: Path, *arguments: str):
    return kata("author", "mutate", "countdown", *arguments, KATA_DATA=str(data))


def judge(data: Path, *entries: tuple[str, str]) -> None:
    lines = [f'[[equivalent]]\nmutant = "{mutant}"\nwhy = "{why}"\n' for mutant, why in entries]
    (data / "reference/countdown/mutants.toml").write_text("\n".join(lines), "utf-8")


SURVIVOR = "solution.down: left -= 1 -> left = left - 1"


def test_a_mutant_that_never_ends_is_caught_and_the_others_are_tried(kata, data: Path) -> None:
    done = mutate(kata, data, "-k", "down: left -= 1 -> left = ", "--verbose")
    assert "left -= 1 -> left = 1\n    caught by (endless)\n" in done.out
    assert f"{SURVIVOR}\n    survives\n" in done.out


def test_a_mutant_that_dies_or_eats_memory_is_caught(kata, data: Path) -> None:
    done = mutate(kata, data, "-k", "solution.weight: ", "--verbose")
    # signal 2 * 0 is none, 0 + 1 is SIGHUP
    assert (
        "os.kill(os.getpid(), 0) -> os.kill(os.getpid(), 1)\n    caught by (signal 1)" in done.out
    )
    # four billion bytes, of which none would be touched: only the limit stops it
    whole = "return len(bytearray(4000000000 // 1000000000)) -> return len(bytearray(4000000000))"
    assert f"{whole}\n    caught by test_something_is_weighed" in done.out


def test_a_survivor_fails_the_command_until_it_is_judged(kata, data: Path) -> None:
    before = mutate(kata, data, "-k", "= left - 1")
    assert before.code == 1
    assert f"survives  {SURVIVOR}" in before.out
    assert "NOT SHARP" in before.out
    judge(data, (SURVIVOR, "Numbers cannot be changed in place."))
    after = mutate(kata, data, "-k", "= left - 1")
    assert after.code == 0, after.out + after.err
    assert "survives " not in after.out


def test_a_judgement_that_does_not_hold_fails_the_command(kata, data: Path) -> None:
    caught = "solution.down: while left > 0: -> while left > 1:"
    judge(data, (SURVIVOR, "As before."), (caught, "No."), ("solution.up: a -> b", "Gone."))
    done = mutate(kata, data, "-k", "left > 0: -> while left > 1:")
    assert done.code == 1
    assert f"calls equivalent what test_zero_is_reached catches: {caught}" in done.out
    assert "judges a mutant that is not made: solution.up: a -> b" in done.out
    assert SURVIVOR not in done.out  # not tried, so nothing can be said of it


def test_a_solution_that_fails_its_suite_catches_nothing(kata, data: Path) -> None:
    solution = data / "reference/countdown/solution.py"
    solution.write_text(SOLUTION.replace("left > 0", "left > 1"), "utf-8")
    done = mutate(kata, data)
    assert done.code == 2
    assert "solution.py itself fails: test_zero_is_reached" in done.err
    assert "kata author check countdown" in done.err


def test_which_kata_has_to_be_said(kata) -> None:
    done = kata("author", "mutate")
    assert done.code == 2
    assert "Name a kata, or --all" in done.err


# mutants.toml


@pytest.mark.parametrize(
    "text, problem",
    [
        ("[[equivalent]\n", "not TOML"),
        ('[[same]]\nmutant = "a"\nwhy = "b"\n', "is not a key"),
        ('[[equivalent]]\nmutant = "a"\n', "needs the keys mutant and why"),
        ('[[equivalent]]\nmutant = "a"\nwhy = " "\n', "must be texts"),
        ('[[equivalent]]\nmutant = "a"\nwhy = "b"\n' * 2, "is judged twice"),
    ],
)
def test_a_bad_list_of_mutants_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "mutants.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadManifest, match=problem):
        judgements.read(path)


def test_without_a_list_nothing_is_judged(tmp_path: Path) -> None:
    assert judgements.read(tmp_path / "mutants.toml") == {}


@pytest.mark.parametrize("slug", catalogue.slugs())
def test_the_judged_mutants_of_the_katas_are_still_made(slug: str) -> None:
    kata = catalogue.find(slug)
    judged = judgements.read(kata.reference / "mutants.toml")
    assert judged
    made = [
        mutant.id
        for flavour in kata.flavours
        for mutant in mutants_of(
            kata.solution(flavour).read_text("utf-8"), kata.solution(flavour).stem
        )
    ]
    assert judged.keys() <= set(made)
