"""Serve probe calls on one attempt until the judge hangs up."""

import os
import socket
import sys
from pathlib import Path
from typing import TextIO

from grader.probing.drive import Attempt
from grader.sandbox import confinement
from grader.wire import frames
from grader.wire.protocol import Load, pack, unpack_request

LONGEST_PRINT = 64 * 1024 + 1024


def main(
    sock: socket.socket, output: int, scratch: Path, readable: list[Path], memory_mb: int
) -> None:
    """Never returns: the fork ends here, whatever the attempt does."""
    try:
        _capture(output)
        sock = confinement.keep_only(sock)
        confinement.confine(scratch, readable, memory_mb)
        _serve(sock)
    except frames.Closed:
        pass  # the judge is done
    finally:
        os._exit(0)


def _serve(sock: socket.socket) -> None:
    order = unpack_request(frames.receive(sock))
    assert isinstance(order, Load)
    attempt = Attempt(order)
    frames.send(sock, pack(attempt.load()))
    while True:
        call = unpack_request(frames.receive(sock))
        assert not isinstance(call, Load)
        _printer.remaining = LONGEST_PRINT
        frames.send(sock, pack(attempt.call(call)))


class _Printer:
    """Python's own prints, cut off once a case has printed enough; an endless print costs no disk."""

    def __init__(self) -> None:
        self.remaining = LONGEST_PRINT
        self.file: TextIO = sys.stdout

    def write(self, text: str) -> int:
        if self.remaining > 0:
            self.file.write(text[: self.remaining])
            self.file.flush()
            self.remaining -= len(text)
        return len(text)

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
    sys.stdout = sys.stderr = _printer
