"""How much memory a check takes of its own, while it runs."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from grader.warm import client


def peak_of(step: Callable[[], object]) -> float:
    """The largest sum, in MB, of what the processes of a check hold beyond the pages they share."""
    step()
    facts = client.facts()
    assert facts is not None
    peak = 0.0
    done = threading.Event()

    def sample() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, sum(_own(pid) for pid in _descendants(facts["pid"])))
            time.sleep(0.002)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        for _ in range(5):
            step()
    finally:
        done.set()
        sampler.join()
    return peak


def _own(pid: int) -> float:
    """Private pages: what would come back if this process ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0.0
    lines = [line for line in text.splitlines() if line.startswith("Private_")]
    return sum(int(line.split()[1]) for line in lines) / 1024


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found: list[int] = []
    waiting = list(parents.get(pid, []))
    while waiting:
        child = waiting.pop()
        found.append(child)
        waiting += parents.get(child, [])
    return found
