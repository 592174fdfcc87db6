"""The warm process: imports torch, numpy and pytest, then forks a supervisor for each request.

It opens nothing under reference/ and runs no attempt.  One instance a folder (a lock), found through a
socket in a private folder; it leaves when idle, when it is told to, or when its socket is gone.
"""

import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

import torch

from grader import paths
from grader.warm import grading
from grader.warm.fingerprint import fingerprint

IDLE_SECONDS = 15 * 60.0
TICK_SECONDS = 5.0
REQUEST_SECONDS = 10.0


def main() -> None:
    """`python -m grader.warm.server`, or with `--once FD`: grade one request and leave."""
    prepare()
    if sys.argv[1:2] == ["--once"]:
        _answer(socket.socket(fileno=int(sys.argv[2])), {})
    folder = paths.warm_folder()
    lock = _lock(folder)
    if lock is None:
        return  # another instance serves
    try:
        _serve(folder)
    finally:
        (folder / "socket").unlink(missing_ok=True)


def prepare() -> None:
    """Everything that a check needs, imported and run once, and frozen for cheap forks."""
    torch.set_num_threads(
        1
    )  # before any operation: a fork of a process with an OpenMP pool deadlocks
    from grader.warm import rehearsal

    rehearsal.rehearse()
    gc.collect()
    gc.freeze()


def _lock(folder: Path) -> int | None:
    paths.make_private(folder)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    return lock


def _serve(folder: Path) -> None:
    address = folder / "socket"
    address.unlink(missing_ok=True)
    grading.sweep()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address))
    listener.listen(16)
    mine = os.stat(address).st_ino
    facts = {"fingerprint": fingerprint(), "pid": os.getpid(), "since": time.time()}
    children: set[int] = set()
    last = time.monotonic()
    while time.monotonic() - last < IDLE_SECONDS or children:
        ready, _, _ = select.select([listener], [], [], TICK_SECONDS)
        _reap(children)
        if not address.exists() or os.stat(address).st_ino != mine:
            return
        if not ready:
            continue
        client, _ = listener.accept()
        last = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os.setsid()
            listener.close()
            _answer(client, facts)
        children.add(pid)
        client.close()


def _answer(client: socket.socket, facts: dict[str, Any]) -> NoReturn:
    """In a process of its own: one request, its answer, the end."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        client.settimeout(REQUEST_SECONDS)
        request = json.loads(client.makefile("rb").readline())
        client.settimeout(None)
        if request["verb"] == "grade":
            grading.Grading(request, client).run()
        elif request["verb"] == "facts":
            grading.tell(client, {"event": "facts", **facts, "now": time.time()})
        elif request["verb"] == "selftest":
            grading.selftest(client)
        elif request["verb"] == "stop":
            os.kill(facts["pid"], signal.SIGTERM)
        code = 0
    except Exception:  # the log is the only reader left
        traceback.print_exc()
    finally:
        os._exit(code)


def _reap(children: set[int]) -> None:
    for pid in list(children):
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done:
            children.discard(pid)


if __name__ == "__main__":
    main()
