"""The command line's side of the warm process: find it or start it, ask, read its news."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader import paths
from grader.errors import WarmFailed
from grader.warm.fingerprint import fingerprint

STARTING_SECONDS = 90.0
SILENCE_SECONDS = 300.0  # far beyond any check's own limits: only against a stopped warm process
ENDS = ("verdict", "broken", "no-device")  # the news after which nothing comes
News = dict[str, Any]


def grade(request: News, on_news: Callable[[News], None] | None = None) -> News:
    """The last news of one check: its verdict, or why there is none."""
    for attempt in (1, 2):
        last: News = {"event": "lost"}
        for last in _ask({"verb": "grade", **request}):
            if on_news is not None:
                on_news(last)
        if last["event"] in ENDS:
            return last
        if attempt == 1:
            continue  # the warm process was killed in the middle: once more, with a new one
    raise WarmFailed("The warm process went away twice in the middle of a check.\nTry: KATA_WARM=0")


def facts() -> News | None:
    """What the running warm process says of itself; None when there is none."""
    sock = _connect(paths.warm_folder() / "socket")
    if sock is None:
        return None
    return next(_lines(sock, {"verb": "facts"}), None)


def selftest() -> News:
    """What a sandbox of this machine really refuses, and which devices there are."""
    return next(_ask({"verb": "selftest"}), {"results": [], "devices": []})


def stop() -> bool:
    """End the running warm process; False when there was none."""
    known = facts()
    if known is None:
        return False
    sock = _connect(paths.warm_folder() / "socket")
    if sock is not None:
        list(_lines(sock, {"verb": "stop"}))
    (paths.warm_folder() / "socket").unlink(missing_ok=True)
    return True


def wanted() -> bool:
    return os.environ.get("KATA_WARM", "1") != "0" and hasattr(os, "fork")


def _ask(request: News) -> Iterator[News]:
    if not wanted():
        return _once(request)
    return _lines(_warm(), request)


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


def _start(folder: Path, current: str) -> subprocess.Popen[bytes]:
    (folder / "fingerprint").write_text(current, "utf-8")
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "grader.warm.server"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )


def _once(request: News) -> Iterator[News]:
    """Without a warm process: a process of its own that imports torch, grades and leaves."""
    ours, theirs = socket.socketpair()
    subprocess.Popen(
        [sys.executable, "-m", "grader.warm.server", "--once", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        cwd="/",  # not where a planted torch.py could lie
        env=_environment(),
        start_new_session=True,
    )
    theirs.close()
    return _lines(ours, request)


def _environment() -> dict[str, str]:
    """One thread: a pool does not survive a fork, and a sandbox may not start threads."""
    one = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
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


def _lines(sock: socket.socket, request: News) -> Iterator[News]:
    with sock:
        sock.settimeout(SILENCE_SECONDS)
        try:
            sock.sendall(json.dumps(request).encode() + b"\n")
            with sock.makefile("rb") as stream:
                for line in stream:
                    yield json.loads(line)
        except OSError:
            return
