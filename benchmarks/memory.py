"""How much memory a check takes of its own, while it runs."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from grader.warm import client


def peak_of(step: Callable[[], object]) -> tuple[float, float]:
    """What one check holds in its processes beyond the pages that they share, in MB: the most that was
    seen while checks ran, and what the next check holds while it stands by."""
    step()
    facts = client.facts()
    assert facts is not None
    peak = 0.0
    done = threading.Event()

    def sample() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max([peak, *map(_family, _children(facts["pid"]))])
            time.sleep(0.002)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        for _ in range(5):
            step()
    finally:
        done.set()
        sampler.join()
    time.sleep(2)  # until the next one is ready
    return peak, max(map(_family, _children(facts["pid"])), default=0.0)


def _family(supervisor: int) -> float:
    return sum(_own(pid) for pid in [supervisor, *descendants(supervisor)])


def _children(pid: int) -> list[int]:
    return [child for child, parent in _parents().items() if parent == pid]


def _own(pid: int) -> float:
    """Private pages: what would come back if this process ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0.0
    lines = [line for line in text.splitlines() if line.startswith("Private_")]
    return sum(int(line.split()[1]) for line in lines) / 1024


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # gone in the meantime
        found[int(entry.parent.name)] = int(fields[1])
    return found


def descendants(pid: int) -> list[int]:
    parents = _parents()
    found: list[int] = []
    waiting = [pid]
    while waiting:
        above = waiting.pop()
        waiting += (children := [child for child, parent in parents.items() if parent == above])
        found += children
    return found
