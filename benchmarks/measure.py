"""Side by side: two things timed in turn in one run, so that a drifting machine moves both."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence

Step = Callable[[], object]


def seconds(step: Step) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def pair(one: Step, other: Step, rounds: int, *, pause: float = 0.0) -> tuple[float, float, float]:
    """Medians of both, and the median of their ratio other/one, round by round; one warm-up each.

    `pause`: seconds of rest before each of the two, as between two saves of a person.
    """
    one()
    other()
    times = []
    for _ in range(rounds):
        time.sleep(pause)
        mine = seconds(one)
        time.sleep(pause)
        times.append((mine, seconds(other)))
    ratio = statistics.median(theirs / mine for mine, theirs in times)
    return (
        statistics.median(mine for mine, _ in times),
        statistics.median(theirs for _, theirs in times),
        ratio,
    )


def median(step: Step, rounds: int) -> float:
    step()
    return statistics.median(seconds(step) for _ in range(rounds))


def command(arguments: Sequence[str], *, code: int = 0, **environment: str) -> Step:
    """A whole process, from its start to its end; another exit code than `code` is an error."""
    import os

    def run() -> None:
        done = subprocess.run(
            arguments,
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
        )
        if done.returncode != code:
            raise RuntimeError(f"{arguments}: exit code {done.returncode}\n{done.stderr.decode()}")

    return run
