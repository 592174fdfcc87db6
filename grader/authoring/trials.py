"""Mutants tried against a suite: each in a fork with limits of its own, two at a time.

Unlike an attempt, a mutant is our own text, so a fork with limits is enough and a sandbox is not needed.
"""

import gc
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from grader.authoring.mutants import Mutant
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.judge.answers import load_of, setup_of, truth_of
from grader.judge.bench import Bench, Here
from grader.judge.suite import Suite, run_case
from grader.verdict import Outcome

AT_ONCE = 2
CPU_SECONDS = (
    5  # a suite needs a tenth of a second; of processor time, so a busy machine costs nothing
)
WALL_SECONDS = 300.0  # only against a mutant that waits for something
LONGEST_REPORT = 4096
SURVIVED = "-"
_OURS = "!"  # a report that begins with it is about our own fault


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and what caught it: a case, or how its process ended; nothing when it survived."""

    mutant: Mutant
    catcher: str


class Bank:
    """A suite and its solution, loaded once; mutants are tried in forks of this process."""

    def __init__(self, kata: Kata, flavour: str) -> None:
        self.kata = kata
        self.flavour = flavour
        # first of all: it limits torch to one thread, and forks of a process with a pool deadlock
        self.truth = truth_of(kata, flavour)
        self.suite = Suite(kata, flavour, "cpu")
        self.suite.collect()
        if self.suite.problem:
            raise GraderError(f"{kata.suite}: {self.suite.problem}")

    def rehearse(self, solution: Mutant) -> None:
        """Once in this process, so that imports and first calls are paid here and not in each fork."""
        self._catcher(solution)
        gc.collect()
        gc.freeze()

    def run(self, mutants: list[Mutant]) -> Iterator[Trial]:
        """Try all of them; they come back in the order in which they end."""
        waiting, running = list(reversed(mutants)), dict[int, _Fork]()
        try:
            while waiting or running:
                while waiting and len(running) < AT_ONCE:
                    fork = self._fork(waiting.pop())
                    running[fork.pipe] = fork
                for pipe in _ended(running):
                    yield running.pop(pipe).trial()
        finally:
            for fork in running.values():
                fork.kill()

    def _fork(self, mutant: Mutant) -> "_Fork":
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._child(mutant, writing)
        os.close(writing)
        return _Fork(mutant, pid, reading, time.monotonic() + WALL_SECONDS)

    def _child(self, mutant: Mutant, writing: int) -> None:
        """Never returns: the fork ends here, whatever happens."""
        report = ""
        try:
            _limit(self.kata.limits.memory_mb)
            report = self._catcher(mutant)
        except MemoryError:
            report = "(memory)"
        except BaseException:
            report = _OURS + traceback.format_exc()[-1000:]
        finally:
            os.write(writing, (report or SURVIVED).encode())
            os._exit(0)

    def _catcher(self, mutant: Mutant) -> str:
        load = load_of(self.kata.solution(self.flavour))
        load.source = mutant.source
        runner = Here(setup_of(self.kata, self.flavour), load)
        loaded = runner.loaded
        if loaded.raised or loaded.refused or loaded.missing:
            return "(import)"
        bench = Bench(runner, self.flavour, "cpu")
        for item in self.suite.items:
            outcome = run_case(item, bench, self.truth).outcome
            if outcome not in (Outcome.PASSED, Outcome.BROKEN):
                return item.name
        return ""


@dataclass(slots=True)
class _Fork:
    mutant: Mutant
    pid: int
    pipe: int
    deadline: float

    def trial(self) -> Trial:
        """What it reported, or how it ended without a word; it is dead afterwards."""
        late = not select.select([self.pipe], [], [], 0)[0]
        report = "" if late else os.read(self.pipe, LONGEST_REPORT).decode(errors="replace")
        ended = self.kill()
        if report.startswith(_OURS):
            raise RuntimeError(f"{self.mutant.id}\n{report[len(_OURS) :]}")
        if late or ended == signal.SIGXCPU:
            return Trial(self.mutant, "(endless)")
        if not report:
            return Trial(self.mutant, f"(signal {ended})")
        return Trial(self.mutant, "" if report == SURVIVED else report)

    def kill(self) -> int:
        """End it, if it has not ended by itself; returns the signal that ended it."""
        os.close(self.pipe)
        os.kill(self.pid, signal.SIGKILL)  # not yet waited for, so the number is still its own
        return os.WTERMSIG(os.waitpid(self.pid, 0)[1])


def _ended(running: dict[int, _Fork]) -> list[int]:
    """Those that reported, ended, or are past their deadline."""
    nearest = min(fork.deadline for fork in running.values())
    ready = select.select(list(running), [], [], max(nearest - time.monotonic(), 0.0))[0]
    now = time.monotonic()
    return [pipe for pipe, fork in running.items() if pipe in ready or fork.deadline <= now]


def _limit(memory_mb: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if os.path.exists("/proc/self/statm"):  # macOS has neither this nor such a limit
        space = _address_space() + memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_space() -> int:
    """What torch alone has mapped already: far more than it uses."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
