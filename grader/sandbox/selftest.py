"""Does the confinement hold?  Tried, not assumed: a confined process attempts what it must not do."""

import mmap
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from grader.sandbox import confinement

MEMORY_MB = 512


def probe(scratch: Path) -> list[tuple[str, bool, str]]:
    """(protection, on, what happened), after confining this very process."""
    missing = confinement.confine(confinement.Place(scratch, [], "cpu", MEMORY_MB))
    results = [(name, *_refused(forbidden)) for name, forbidden in FORBIDDEN.items()]
    results.append(("the scratch folder can be written", *_allowed(scratch)))
    return results + [("confinement", False, problem) for problem in missing]


def _read_outside() -> None:
    os.listdir("/etc")


def _write_outside() -> None:
    with open("/tmp/kata-selftest", "w", encoding="ascii"):
        pass


def _network() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _start_process() -> None:
    if os.fork() == 0:
        os._exit(0)


def _start_thread() -> None:
    threading.Thread(target=int).start()


def _handle_signals() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _signal_others() -> None:
    os.kill(os.getppid(), 0)


def _trace_others() -> None:
    with open(f"/proc/{os.getppid()}/mem", "rb"):
        pass


def _too_much_memory() -> None:
    mmap.mmap(-1, 4 * MEMORY_MB << 20).close()


def _large_file() -> None:
    with open("large", "wb") as file:
        file.truncate(confinement.LARGEST_FILE + 1)


def _raise_limits() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


FORBIDDEN: dict[str, Callable[[], None]] = {
    "files outside cannot be read": _read_outside,
    "files outside cannot be written": _write_outside,
    "no network": _network,
    "no processes can be started": _start_process,
    "no threads can be started": _start_thread,
    "no signals can be ignored": _handle_signals,
    "no signals to other processes": _signal_others,
    "other processes' memory is out of reach": _trace_others,
    "memory is limited": _too_much_memory,
    "file size is limited": _large_file,
    "limits cannot be raised": _raise_limits,
}


def _refused(forbidden: Callable[[], None]) -> tuple[bool, str]:
    try:
        forbidden()
    except (OSError, ValueError, RuntimeError) as problem:
        return True, str(problem)
    return False, "it was allowed"


def _allowed(scratch: Path) -> tuple[bool, str]:
    try:
        (scratch / "note").write_text("here", encoding="ascii")
    except OSError as problem:
        return False, str(problem)
    return True, ""
