"""How sharp is a suite?  Every mutant of the solution is caught, judged equivalent, or survives."""

import ast
from dataclasses import dataclass, field

from grader.authoring import judgements
from grader.authoring.mutants import Mutant, mutants_of
from grader.authoring.trials import Bank
from grader.catalogue import Kata
from grader.errors import GraderError

JUDGEMENTS = "mutants.toml"


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


def survey(kata: Kata, select: str = "") -> Survey:
    """Try the mutants whose name contains `select`."""
    found = Survey(kata)
    judged = judgements.read(kata.reference / JUDGEMENTS)
    known: set[str] = set()
    for flavour in kata.flavours:
        path = kata.solution(flavour)
        source = path.read_text("utf-8")
        mutants = mutants_of(source, path.stem)
        known |= {mutant.id for mutant in mutants}
        chosen = [mutant for mutant in mutants if select.lower() in mutant.id.lower()]
        found.tried += chosen
        bank = Bank(kata, flavour)
        _try_the_solution(bank, source, path.stem)
        for trial in bank.run(chosen):
            if trial.catcher:
                found.catcher[trial.mutant.id] = trial.catcher
    if not found.tried:
        raise GraderError(f"No mutant of {kata.slug} matches -k {select!r}.")
    _judge(found, judged, known)
    return found


def _try_the_solution(bank: Bank, source: str, stem: str) -> None:
    """A suite that the solution fails would catch every mutant."""
    same = Mutant(f"{stem}, unchanged", 0, ast.unparse(ast.parse(source)))
    for trial in bank.run([same]):
        if trial.catcher:
            raise GraderError(
                f"The solution itself fails {trial.catcher}.\n"
                f"Mend it first: kata author check {bank.kata.slug}"
            )


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
