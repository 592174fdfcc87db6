"""The command line's side of the warm process: find it or start it, ask, read its news."""

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import paths
from grader.errors import WarmFailed
from grader.warm.fingerprint import fingerprint

if TYPE_CHECKING:
    import subprocess  # at run time only where a process is started

STARTING_SECONDS = 90.0
SILENCE_SECONDS = 300.0  # far beyond any check's own limits: only against a stopped warm process
ENDS = ("verdict", "broken", "no-device")  # the news after which nothing comes
News = dict[str, Any]


class Grading:
    """A check that is under way from the moment when this is made."""

    def __init__(self, request: News) -> None:
        self.request = {"verb": "grade", **request}
        self.news = _ask(self.request)

    def end(self, on_news: Callable[[News], None] | None = None) -> News:
        """The last news of the check: its verdict, or why there is none."""
        for news in [self.news, None]:
            # None: the warm process was killed in the middle; once more, with a new one
            for one in news or _ask(self.request):
                if on_news is not None:
                    on_news(one)
                if one["event"] in ENDS:
                    return one
        raise WarmFailed(
            "The warm process went away twice in the middle of a check.\nTry: KATA_WARM=0"
        )


def facts() -> News | None:
    """What the running warm process says of itself; None when there is none."""
    sock = _connect(paths.warm_folder() / "socket")
    return None if sock is None else next(_send(sock, {"verb": "facts"}), None)


def selftest() -> News:
    """What a sandbox of this machine really refuses, and which devices there are."""
    return next(_ask({"verb": "selftest"}), {"results": [], "devices": []})


def start() -> None:
    """Have a warm process started, if there is none, and do not wait for it."""
    if wanted() and facts() is None:
        _start(_private_folder(), fingerprint())


def stop() -> bool:
    """End the running warm process; False when there was none."""
    known = facts()
    if known is None:
        return False
    sock = _connect(paths.warm_folder() / "socket")
    if sock is not None:
        list(_send(sock, {"verb": "stop"}))
    (paths.warm_folder() / "socket").unlink(missing_ok=True)
    return True


def wanted() -> bool:
    return os.environ.get("KATA_WARM", "1") != "0" and hasattr(os, "fork")


def _ask(request: News) -> Iterator[News]:
    if not wanted():
        return _once(request)
    return _send(_warm(), request)


def _warm() -> socket.socket:
    """A connection to an up-to-date warm process, started if need be."""
    folder = _private_folder()
    current = fingerprint()
    deadline = time.monotonic() + STARTING_SECONDS
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        sock = _connect(folder / "socket")
        if sock is not None:
            if _is_current(folder, current):
                return sock
            sock.close()
            stop()
        elif process is None or process.poll() is not None:
            # below zero: ended by a signal, such as the stop of another client that found it out of date
            if process is not None and process.returncode > 0:
                raise WarmFailed(f"The warm process did not start.\nIts log: {folder / 'log'}")
            process = _start(folder, current)
        time.sleep(0.02)
    raise WarmFailed(f"The warm process did not start in time.\nIts log: {folder / 'log'}")


def _private_folder() -> Path:
    folder = paths.warm_folder()
    try:
        paths.make_private(folder)
    except OSError as problem:
        raise WarmFailed(
            f"The warm process needs a folder of its own: {problem}.\n"
            "Name another place for it: XDG_RUNTIME_DIR=DIR, or do without: KATA_WARM=0"
        ) from None
    return folder


def _is_current(folder: Path, current: str) -> bool:
    try:
        return (folder / "fingerprint").read_text("utf-8") == current
    except OSError:
        return False


def _start(folder: Path, current: str) -> "subprocess.Popen[bytes] | None":
    """A new warm process; None when there is one that starts, serves or ends just now."""
    import fcntl
    import subprocess

    with open(folder / "lock", "ab") as lock, open(folder / "log", "ab") as log:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return None
        log.truncate(0)
        (folder / "fingerprint").write_text(current, "utf-8")
        # the lock goes with its descriptor: it is held without a gap until the warm process ends
        return subprocess.Popen(
            [sys.executable, "-m", "grader.warm.server", "--lock", str(lock.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock.fileno()],
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )


def _once(request: News) -> Iterator[News]:
    """Without a warm process: a process of its own that imports torch, grades and leaves."""
    import subprocess

    ours, theirs = socket.socketpair()
    subprocess.Popen(
        [sys.executable, "-m", "grader.warm.server", "--once", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        cwd="/",  # not where a planted torch.py could lie
        env=_environment(),
        start_new_session=True,
    )
    theirs.close()
    return _send(ours, request)


def _environment() -> dict[str, str]:
    """One thread: a pool does not survive a fork, and a sandbox may not start threads."""
    one = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    unfit = ("PYTEST_", "PYTHONWARNINGS")  # a user's own choices, which would change a verdict
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unfit)}
    return {**kept, "PYTHONPATH": _python_path(), **dict.fromkeys(one, "1")}


def _python_path() -> str:
    """The package's own parent first, so that the same code is imported from any folder."""
    rest = os.environ.get("PYTHONPATH")
    return str(paths.PACKAGE.parent) + (os.pathsep + rest if rest else "")


def _connect(address: Path) -> socket.socket | None:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(str(address))
    except OSError:
        sock.close()
        return None
    return sock


def _send(sock: socket.socket, request: News) -> Iterator[News]:
    """Ask at once; the answers come as they are read."""
    sock.settimeout(SILENCE_SECONDS)
    with contextlib.suppress(OSError):  # nobody there any more: then there are no answers either
        sock.sendall(json.dumps(request).encode() + b"\n")
    return _lines(sock)


def _lines(sock: socket.socket) -> Iterator[News]:
    with sock, contextlib.suppress(OSError), sock.makefile("rb") as stream:
        for line in stream:
            yield json.loads(line)
