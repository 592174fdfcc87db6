"""Which known mistakes give the attempt's numbers?

A wrong answer names the attempt's mistake when it fails the same cases with the same replies to the same
probe calls.  Two name it together when each explains a case that the other does not.  In doubt nothing
is named: a wrong name is worse than none.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from grader.authoring.header import WrongAnswer
from grader.judge.answers import bench_of
from grader.judge.bench import Bench, Traced
from grader.judge.compare import TOLERANCES, Closeness, Mismatch
from grader.judge.results import Result
from grader.judge.suite import Suite, run_case
from grader.verdict import Mistake, Outcome
from grader.wire.protocol import Mode

BUDGET_SECONDS = 3.0  # of processor time: a busy machine takes no name away
_UNWRITTEN = "builtins.NotImplementedError"
_REFUSALS = {"builtins.ValueError", "builtins.IndexError"}  # a brief often leaves the choice


class Diagnosis:
    """Holds the attempt's results against each wrong answer, case by case."""

    def __init__(
        self, suite: Suite, results: list[Result], truth: Bench, known: list[WrongAnswer]
    ) -> None:
        self.suite = suite
        self.known = known
        self.truth = truth
        self.deadline = time.process_time() + BUDGET_SECONDS
        self.items = {item.name: item for item in suite.items}
        comparable = [result for result in results if _comparable(result)]
        self.results = {result.name: result for result in comparable}
        self.failed = {name for name, result in self.results.items() if not result.passed}

    def name(self) -> list[Mistake]:
        if not self.failed:
            return []
        possible = [wrong for wrong in self.known if self._possible(wrong)]
        # those that fail most nearly the same cases first: no two wrong answers give the same numbers
        # everywhere, so that the first that accounts for everything is the only one
        possible.sort(key=lambda wrong: len(self.failed - set(wrong.caught_by)))
        for wrong in possible:
            if self._examine(wrong, whole=True):
                return [wrong.mistake]
        return self._together([one for one in map(self._examine, possible) if one])

    def _possible(self, wrong: WrongAnswer) -> bool:
        """The attempt fails every case that is known to catch this wrong answer."""
        caught = set(wrong.caught_by) & set(self.results)
        return bool(caught) and caught <= self.failed

    def _examine(self, wrong: WrongAnswer, *, whole: bool = False) -> "_Suspect | None":
        """What this wrong answer explains; None when the attempt does better than it somewhere.

        With `whole`, None as soon as it does not explain everything.
        """
        if time.process_time() > self.deadline:
            return None
        bench = bench_of(self.suite.kata, wrong.path, wrong.flavour)
        known = set(wrong.caught_by)
        fails: set[str] = set()
        explains: set[str] = set()
        for name in sorted(
            self.results, key=lambda name: (name not in known, name not in self.failed)
        ):
            if name not in known and not explains:
                return None  # not even where it is known to show: the other cases need not be run
            theirs = run_case(self.items[name], bench, self.truth)
            if name not in self.failed and not theirs.passed:
                return None
            if name in self.failed and not theirs.passed:
                fails.add(name)
                if _same(self.results[name], theirs):
                    explains.add(name)
            if whole and name in self.failed and name not in explains:
                return None
        return _Suspect(wrong, frozenset(fails), frozenset(explains)) if explains else None

    def _together(self, suspects: list["_Suspect"]) -> list[Mistake]:
        """Two or three mistakes that together account for every failed case, each seen alone in one."""
        for count in (2, 3):
            groups = [group for group in combinations(suspects, count) if self._separate(group)]
            if groups:
                return [one.wrong.mistake for one in groups[0]] if len(groups) == 1 else []
        return []

    def _separate(self, group: Iterable["_Suspect"]) -> bool:
        group = list(group)
        if set().union(*(one.fails for one in group)) != self.failed:
            return False
        for one in group:
            others = set().union(*(other.fails for other in group if other is not one))
            alone = one.fails - others
            if not alone or not alone <= one.explains:
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Suspect:
    wrong: WrongAnswer
    fails: frozenset[str]
    explains: frozenset[str]


def _comparable(result: Result) -> bool:
    """Unwritten parts, crashes and time-outs are another matter than a mistake in the numbers."""
    if result.outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.REFUSED):
        raised = [call.reply.raised for call in result.trace if call.reply.raised]
        return not any(_UNWRITTEN in one.types for one in raised)
    return False


def _same(ours: Result, theirs: Result) -> bool:
    if ours.outcome is not theirs.outcome or len(ours.trace) != len(theirs.trace):
        return False
    if type(ours.problem) is not type(theirs.problem) or _too_much(ours) != _too_much(theirs):
        return False
    return all(_same_call(one, other) for one, other in zip(ours.trace, theirs.trace, strict=True))


def _too_much(result: Result) -> str:
    """Which cost a case found too high: its words without the amounts, which depend on the style."""
    measured = any(call.mode == "cost" for call in result.trace)
    if not measured or isinstance(result.problem, Mismatch):
        return ""
    return re.sub(r"[\d.]+", "", str(result.problem))


def _same_call(one: Traced, other: Traced) -> bool:
    mine, their = one.reply, other.reply
    if (one.probe, _place(one.mode)) != (other.probe, _place(other.mode)):
        return False
    if bool(mine.refused) or bool(their.refused):
        return mine.refused.partition(": ")[2] == their.refused.partition(": ")[2]
    if (mine.raised is None) != (their.raised is None):
        return False
    if mine.raised is not None and their.raised is not None:
        kinds = {mine.raised.types[0], their.raised.types[0]}
        return len(kinds) == 1 or kinds <= _REFUSALS
    if bool(mine.mixed) != bool(their.mixed) or set(mine.changed) != set(their.changed):
        return False
    if set(mine.random) != set(their.random) or bool(mine.unsupported) != bool(their.unsupported):
        return False
    try:
        Closeness(
            slack=10, nan_equal=True, lenient_scalars=True, inputs=_coarsest(one.arguments)
        ).compare(one.value, other.value, "")
    except (Mismatch, RuntimeError):
        return False
    return True


def _place(mode: Mode) -> str:
    """NumPy knows no devices: its calls on the pretend one are plain ones."""
    return "plain" if mode == "meta" else mode


def _coarsest(arguments: dict[str, Any]) -> torch.dtype | None:
    """The least exact kind of number that went in; None when there was none."""
    dtypes = {leaf.dtype for leaf in tree_leaves(arguments) if isinstance(leaf, torch.Tensor)}
    return max(dtypes & TOLERANCES.keys(), key=TOLERANCES.__getitem__, default=None)
