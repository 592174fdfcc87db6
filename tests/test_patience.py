"""A limit is meant by the clock, but by processor time for what a busy machine keeps waiting."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from grader.judge.patience import Patience
from grader.wire import frames

LIMIT = 0.4

SPIN = """
import os, socket, sys, time
os.sched_setaffinity(0, {0})
sock = socket.socket(fileno=int(sys.argv[1]))
sock.recv(1)
end = time.process_time() + float(sys.argv[2])
while time.process_time() < end:
    pass
sock.send(b"done")
time.sleep(100)
"""


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for child in started:
        child.send_signal(signal.SIGKILL)
        child.wait()


@pytest.fixture
def spinning(children: list[subprocess.Popen[bytes]]):
    """A process that works for so many seconds of processor time and then says so."""

    def start(seconds: float) -> tuple[socket.socket, int]:
        ours, theirs = socket.socketpair()
        arguments = [sys.executable, "-c", SPIN, str(theirs.fileno()), str(seconds)]
        children.append(subprocess.Popen(arguments, pass_fds=[theirs.fileno()]))
        theirs.close()
        return ours, children[-1].pid

    return start


def far() -> float:
    return time.monotonic() + 100


def test_what_sleeps_is_stopped_by_the_clock(spinning) -> None:
    sock, pid = spinning(0.0)  # waits for a word that does not come
    with sock, pytest.raises(frames.TimedOut):
        Patience(pid, LIMIT).wait(sock, far())


def test_what_works_for_ever_is_stopped_by_its_processor_time(spinning) -> None:
    sock, pid = spinning(1000.0)
    patience = Patience(pid, LIMIT)
    sock.send(b"!")
    with sock, pytest.raises(frames.TimedOut):
        patience.wait(sock, far())


def test_what_waits_for_the_processor_may_go_on(spinning, children) -> None:
    code = "import os\nos.sched_setaffinity(0, {0})\nwhile True: pass"
    children += [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    sock, pid = spinning(0.8 * LIMIT)
    patience = Patience(pid, LIMIT)
    sock.send(b"!")
    with sock:
        patience.wait(sock, far())  # on the clock it takes four times the limit
        assert time.monotonic() > patience.begun + LIMIT
        assert sock.recv(4) == b"done"


def test_a_whole_check_has_a_last_moment_all_the_same(spinning) -> None:
    sock, pid = spinning(1000.0)
    sock.send(b"!")
    with sock, pytest.raises(frames.TimedOut):
        Patience(pid, 1000.0).wait(sock, time.monotonic() + LIMIT)
