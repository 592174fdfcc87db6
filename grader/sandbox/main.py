"""Serve probe calls on one attempt until the judge hangs up."""

import os
import socket
import sys
import traceback
from typing import TextIO

from grader import devices
from grader.probing.drive import Attempt
from grader.sandbox import audit, confinement
from grader.sandbox.confinement import Place
from grader.wire import frames
from grader.wire.protocol import Call, Load, Ready, Reply, Setup, pack, unpack_request

MOST_PRINTED = 4 * 1024 * 1024  # bytes a case; beyond it the middle is thrown away
KEPT = 64 * 1024  # of the beginning and of the end then
TAMPERED = 86  # the exit code when our own code fails in here


def main(sock: socket.socket, output: int, place: Place) -> None:
    """Never returns: the fork ends here, whatever the attempt does."""
    code = TAMPERED
    try:
        _capture(output)
        sock = confinement.keep_only(sock)
        devices.wake(place.device)  # before the doors close: a driver looks around when it starts
        confinement.confine(place)
        _serve(sock)
    except frames.Closed:
        code = 0  # the judge is done
    except BaseException:  # nobody is above; the output is the place to say why
        traceback.print_exc()
    finally:
        os._exit(code)


def _serve(sock: socket.socket) -> None:
    setup = unpack_request(frames.receive(sock))
    assert isinstance(setup, Setup)
    attempt = Attempt(setup)
    attempt.guard.deny_operators()
    frames.send(sock, pack(Ready()))
    order = unpack_request(frames.receive(sock))
    assert isinstance(order, Load)
    audit.shield(order.filename)
    loaded = attempt.load(order)
    loaded.token = order.token
    frames.send(sock, pack(loaded))
    while True:
        call = unpack_request(frames.receive(sock))
        assert isinstance(call, Call)
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
