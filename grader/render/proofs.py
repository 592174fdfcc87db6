"""The tables of `kata author check`."""

from rich.table import Table
from rich.text import Text

from grader.authoring.prove import Proof
from grader.render.terminal import console


def show(proof: Proof, *, verbose: bool) -> None:
    out = console()
    named = "[green]proven[/]" if proof.holds else "[bold red]NOT PROVEN[/]"
    out.print(f"[bold]{proof.kata.slug:<20}[/] {named}  {_counts(proof)}")
    for problem in proof.problems:
        out.print(Text(f"  - {problem}"))
    if verbose and proof.verdicts:
        _matrix(proof)


def _counts(proof: Proof) -> str:
    if not proof.verdicts:
        return ""
    seconds = proof.seconds()
    return (
        f"{len(proof.cases)} cases, {len(proof.wrong)} wrong, {proof.rights} right, "
        f"{proof.cheats} cheats, {proof.questions} questions, "
        f"{1000 * sum(seconds):.0f} ms (slowest {1000 * max(seconds):.0f})"
    )


def _matrix(proof: Proof) -> None:
    """Cases down, wrong answers across by number; x where the case catches it."""
    names = list(proof.wrong)
    table = Table(box=None, padding=(0, 0), pad_edge=False)
    table.add_column("case")
    for number in range(len(names)):
        table.add_column(f"{number + 1:>3}", justify="right")
    caught = {name: proof.catchers(name) for name in names}
    for case in proof.cases:
        marks = ["x" if case in caught[name] else "·" for name in names]
        table.add_row(case.removeprefix("test_")[:60], *marks)
    out = console()
    out.width = 64 + 3 * len(names)
    out.print(table)
    for number, name in enumerate(names):
        out.print(f"  {number + 1:>3} {name}")
