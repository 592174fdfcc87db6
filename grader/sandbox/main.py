"""Serve probe calls on one attempt until the judge hangs up."""

import os
import socket
import sys
import traceback
from pathlib import Path
from typing import TextIO

from grader.probing.drive import Attempt
from grader.sandbox import audit, confinement
from grader.wire import frames
from grader.wire.protocol import Load, Reply, pack, unpack_request

MOST_PRINTED = 4 * 1024 * 1024  # bytes a case; beyond it the middle is thrown away
KEPT = 64 * 1024  # of the beginning and of the end then
TAMPERED = 86  # the exit code when our own code fails in here


def main(
    sock: socket.socket, output: int, scratch: Path, readable: list[Path], memory_mb: int
) -> None:
    """Never returns: the fork ends here, whatever the attempt does."""
    code = TAMPERED
    try:
        _capture(output)
        sock = confinement.keep_only(sock)
        confinement.confine(scratch, readable, memory_mb)
        _serve(sock)
    except frames.Closed:
        code = 0  # the judge is done
    except BaseException:  # nobody is above; the output is the place to say why
        traceback.print_exc()
    finally:
        os._exit(code)


def _serve(sock: socket.socket) -> None:
    order = unpack_request(frames.receive(sock))
    assert isinstance(order, Load)
    attempt = Attempt(order)
    attempt.guard.deny_operators()
    audit.shield(order.filename)
    loaded = attempt.load()
    loaded.token = order.token
    frames.send(sock, pack(loaded))
    while True:
        call = unpack_request(frames.receive(sock))
        assert not isinstance(call, Load)
        frames.send(sock, _packed(attempt.call(call)))


def _packed(reply: Reply) -> bytes:
    try:
        return pack(reply)
    except UnicodeEncodeError:  # the name or the message of an exception, of the attempt's making
        return pack(Reply(reply.number, unsupported="text that is not Unicode"))


class _Printer:
    """Python's own prints, in the output file: an endless print costs little, and its last lines are
    there when it is killed."""

    def __init__(self) -> None:
        self.file: TextIO = sys.stdout

    def write(self, text: str) -> int:
        self.file.write(text)
        self.file.flush()
        if os.fstat(1).st_size > MOST_PRINTED:
            self.shorten()
        return len(text)

    def shorten(self) -> None:
        end = os.pread(1, KEPT, os.fstat(1).st_size - KEPT)
        os.ftruncate(1, KEPT)
        os.lseek(1, 0, os.SEEK_END)
        os.write(1, end)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


_printer = _Printer()


def _capture(output: int) -> None:
    """Prints of every kind go to the output file, nothing comes in."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    _printer.file = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = _printer  # type: ignore[assignment, misc]
