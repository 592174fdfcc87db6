"""Is a kata at the bar?  Everything is graded by the real thing, as a learner's attempt would be."""

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from grader import pipeline, questions
from grader.authoring.header import BadHeader, WrongAnswer, read_wrong_answer
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.verdict import Outcome, Verdict

AT_ONCE = 2
HASH_SEEDS = ("0", "1", "4242")
FEWEST_WRONG_ANSWERS = 6
QUESTIONS = range(4, 9)
ANSWER_WORDS = range(60, 151)
BRIEF_WORDS = 420  # three minutes aloud


@dataclass(slots=True)
class Proof:
    """What was seen, and every way in which the kata falls short."""

    kata: Kata
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    wrong: dict[str, WrongAnswer] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    questions: int = 0
    rights: int = 0
    cheats: int = 0

    @property
    def holds(self) -> bool:
        return not self.problems

    @property
    def cases(self) -> list[str]:
        """Names over all flavours, in the order of the suite."""
        solved = [self.verdicts[key] for key in self.verdicts if key.startswith("solution")]
        return list(dict.fromkeys(case.name for verdict in solved for case in verdict.cases))

    def catchers(self, wrong: str) -> set[str]:
        cases = self.verdicts[f"wrong/{wrong}"].cases
        return {case.name for case in cases if case.outcome is not Outcome.PASSED}

    def seconds(self) -> list[float]:
        return [case.seconds for case in self.verdicts[f"solution {self.kata.flavours[0]}"].cases]


def prove(kata: Kata) -> Proof:
    """Grade everything that the kata's folders hold, and read its texts."""
    proof = Proof(kata)
    try:
        proof.problems += [*_texts(kata, proof)]
        _grade_all(kata, proof)
        proof.problems += [*_verdicts(proof)]
        proof.problems += agree_over_hash_seeds(kata)
    except (GraderError, BadHeader, OSError) as problem:
        proof.problems.append(str(problem))
    return proof


def _grade_all(kata: Kata, proof: Proof) -> None:
    todo: dict[str, tuple[Path, str]] = {}
    for flavour in kata.flavours:
        todo[f"solution {flavour}"] = (kata.solution(flavour), flavour)
        todo[f"stub {flavour}"] = (_stub(kata, flavour), flavour)
    for path in kata.wrong_answers():
        proof.wrong[path.stem] = read_wrong_answer(path)
        todo[f"wrong/{path.stem}"] = (path, proof.wrong[path.stem].flavour)
    for folder in ("right", "cheats"):
        for path in sorted((kata.reference / folder).glob("*.py")):
            todo[f"{folder}/{path.stem}"] = (path, _flavour_of(path))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        graded = pool.map(lambda pair: _grade(kata, *pair), todo.values())
        proof.verdicts = dict(zip(todo, graded, strict=True))
    proof.rights = sum(key.startswith("right/") for key in todo)
    proof.cheats = sum(key.startswith("cheats/") for key in todo)


def _grade(kata: Kata, path: Path, flavour: str) -> Verdict:
    return pipeline.grade(kata, path.read_text("utf-8"), path, flavour, "cpu")


def _stub(kata: Kata, flavour: str) -> Path:
    return kata.folder / ("stub.py" if flavour == "torch" else f"stub_{flavour}.py")


def _flavour_of(path: Path) -> str:
    return "numpy" if path.stem.endswith("_numpy") else "torch"


def _verdicts(proof: Proof) -> Iterator[str]:
    for key, verdict in proof.verdicts.items():
        kind, _, name = key.replace(" ", "/").partition("/")
        if verdict.outcome == "broken":
            yield f"{key}: the grader broke: {verdict.error}"
        elif kind in ("solution", "right") and not verdict.passed:
            failed = [f"{case.name}: {case.message}" for case in verdict.cases if not case.passed]
            yield f"{key} does not pass: {verdict.error or failed[0]}"
        elif kind == "stub" and any(case.passed for case in verdict.cases):
            yield f"the untouched stub passes {[case.name for case in verdict.cases if case.passed]}"
        elif kind == "cheats" and not _refused(verdict):
            yield f"{key} is not refused"
        elif kind == "wrong":
            yield from _wrong(proof, name, verdict)
    caught = set().union(*(proof.catchers(name) for name in proof.wrong)) if proof.wrong else set()
    for case in proof.cases:
        if case not in caught:
            yield f"{case} catches no wrong answer"


def _wrong(proof: Proof, name: str, verdict: Verdict) -> Iterator[str]:
    wrong = proof.wrong[name]
    if verdict.passed:
        yield f"wrong/{name} passes"
        return
    for case in wrong.caught_by:
        if case not in proof.cases:
            yield f"wrong/{name} names a case that does not exist: {case}"
        elif case not in proof.catchers(name):
            yield f"wrong/{name} is not caught by {case}"
    named = [mistake.mistake for mistake in verdict.diagnosis]
    if named != [name]:
        yield f"wrong/{name} is diagnosed as {named or 'nothing'}"


def _refused(verdict: Verdict) -> bool:
    return any(case.outcome is Outcome.REFUSED for case in verdict.cases)


def _texts(kata: Kata, proof: Proof) -> Iterator[str]:
    known = questions.load(kata.folder)
    proof.questions = len(known)
    if len(known) not in QUESTIONS:
        yield f"has {len(known)} questions, not four to eight"
    for question in known:
        words = len(question.answer.split())
        if words not in ANSWER_WORDS:
            yield f"the answer of {question.id} has {words} words, not 60 to 150"
        if not question.points:
            yield f"{question.id} has no key points"
    ids = {question.id for question in known}
    wrong = [read_wrong_answer(path) for path in kata.wrong_answers()]
    if len(wrong) < FEWEST_WRONG_ANSWERS:
        yield f"has {len(wrong)} wrong answers; six are the least"
    for answer in wrong:
        for ask in set(answer.explained_by) - ids:
            yield f"wrong/{answer.name} is explained by {ask}, which is no question"
    for ask in set(re.findall(r'"([a-z0-9-]+)"', _asks(kata))) - ids:
        yield f"the suite asks {ask}, which is no question"
    words = len(kata.brief().split())
    if words > BRIEF_WORDS:
        yield f"the brief has {words} words, more than three minutes aloud ({BRIEF_WORDS})"
    if ">>> " not in kata.brief():
        yield "the brief has no worked example"
    hints = re.findall(r"^## \d", (kata.folder / "hints.md").read_text("utf-8"), flags=re.M)
    if len(hints) != 3:
        yield f"has {len(hints)} hints, not three"


def _asks(kata: Kata) -> str:
    return " ".join(re.findall(r"^@asks\((.*)\)", kata.suite.read_text("utf-8"), flags=re.M))


def agree_over_hash_seeds(kata: Kata) -> list[str]:
    """Grade the solutions in fresh processes with different hash seeds; returns what differs."""
    problems = []
    before = {name: os.environ.get(name) for name in ("KATA_WARM", "PYTHONHASHSEED")}
    os.environ["KATA_WARM"] = "0"
    try:
        for seed in HASH_SEEDS:
            os.environ["PYTHONHASHSEED"] = seed
            for flavour in kata.flavours:
                if not _grade(kata, kata.solution(flavour), flavour).passed:
                    problems.append(f"solution {flavour} fails with PYTHONHASHSEED={seed}")
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
    return problems
