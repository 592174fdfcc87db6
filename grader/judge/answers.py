"""Our own answers on the bench: a solution, a wrong answer or a mutant, run right here in the judge."""

from pathlib import Path

from grader.catalogue import Kata
from grader.judge.bench import Bench, Here, Remembered
from grader.wire.protocol import Load, Setup


def setup_of(kata: Kata, flavour: str, device: str = "cpu", *, guarded: bool = True) -> Setup:
    """What a process needs to know to drive attempts at this kata."""
    return Setup(
        probes=(kata.folder / "probes.py").read_text("utf-8"),
        flavour="numpy" if flavour == "numpy" else "torch",
        device=device,
        exports=list(kata.exports),
        forbidden=list(kata.forbidden) if guarded else [],
    )


def load_of(path: Path) -> Load:
    return Load(path.read_text("utf-8"), str(path))


def bench_of(kata: Kata, path: Path, flavour: str) -> Bench:
    """A file of ours, guarded as an attempt is."""
    return Bench(Here(setup_of(kata, flavour), load_of(path)), flavour, "cpu")


def truth_of(kata: Kata, flavour: str) -> Bench:
    """The solution.  It may call what it likes, and what it once replied it need not compute again."""
    setup = setup_of(kata, flavour, guarded=False)
    solution = Here(setup, load_of(kata.solution(flavour)))
    return Bench(Remembered(solution), flavour, "cpu")
