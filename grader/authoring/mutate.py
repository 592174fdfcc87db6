"""How sharp is a suite?  Every mutant of the solution is caught, judged equivalent, or survives."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from grader.authoring import judgements
from grader.authoring.mutants import Mutant, mutants_of
from grader.authoring.trials import Bank
from grader.catalogue import Kata
from grader.errors import GraderError

JUDGEMENTS = "mutants.toml"

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Survey:
    """What became of the mutants of one kata, over its flavours."""

    kata: Kata
    tried: list[Mutant] = field(default_factory=list)
    catcher: dict[str, str] = field(default_factory=dict)
    equivalent: dict[str, str] = field(default_factory=dict)  # reason by mutant
    problems: list[str] = field(default_factory=list)  # lines of the manifest that do not hold

    @property
    def survivors(self) -> list[Mutant]:
        gone = self.catcher.keys() | self.equivalent.keys()
        return [mutant for mutant in self.tried if mutant.id not in gone]

    @property
    def share(self) -> float:
        """Of the mutants that are not equivalent, the part that is caught."""
        fair = len(self.tried) - len(self.equivalent)
        return len(self.catcher) / fair if fair else 0.0

    @property
    def holds(self) -> bool:
        return bool(self.tried) and not self.survivors and not self.problems


def survey(kata: Kata, select: str = "", progress: Progress = lambda done, total: None) -> Survey:
    """Try the mutants whose name contains `select`; `progress` hears how many are done, and of how many."""
    found = Survey(kata)
    judged = judgements.read(kata.reference / JUDGEMENTS)
    known: set[str] = set()
    for flavour in kata.flavours:
        path = kata.solution(flavour)
        mutants = mutants_of(path.read_text("utf-8"), path.stem)
        known |= {mutant.id for mutant in mutants}
        chosen = [mutant for mutant in mutants if select.lower() in mutant.id.lower()]
        if chosen:
            _try(Bank(kata, flavour), chosen, found, progress)
    if not found.tried:
        raise GraderError(f"No mutant of {kata.slug} matches -k {select!r}.")
    _judge(found, judged, known)
    return found


def _try(bank: Bank, mutants: list[Mutant], found: Survey, progress: Progress) -> None:
    _try_the_solution(bank)
    found.tried += mutants
    for done, trial in enumerate(bank.run(mutants), 1):
        progress(done, len(mutants))
        if trial.catcher:
            found.catcher[trial.mutant.id] = trial.catcher


def _try_the_solution(bank: Bank) -> None:
    """A suite that the solution fails would catch every mutant."""
    path = bank.kata.solution(bank.flavour)
    same = Mutant(f"{path.stem}, unchanged", 0, ast.unparse(ast.parse(path.read_text("utf-8"))))
    for trial in bank.run([same]):
        if trial.catcher:
            raise GraderError(
                f"{path} itself fails: {trial.catcher}.\n"
                f"Mend it first: kata author check {bank.kata.slug}"
            )
    bank.rehearse(same)


def _judge(found: Survey, judged: dict[str, str], known: set[str]) -> None:
    tried = {mutant.id for mutant in found.tried}
    for mutant, why in judged.items():
        if mutant not in known:
            found.problems.append(f"{JUDGEMENTS} judges a mutant that is not made: {mutant}")
        elif mutant in found.catcher:
            by = found.catcher[mutant]
            found.problems.append(f"{JUDGEMENTS} calls equivalent what {by} catches: {mutant}")
        elif mutant in tried:
            found.equivalent[mutant] = why
