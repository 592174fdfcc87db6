"""Serve probe calls on one attempt until the judge hangs up."""

import os
import socket
import traceback

from grader import devices
from grader.probing.drive import Attempt
from grader.sandbox import audit, confinement, printing
from grader.sandbox.confinement import Place
from grader.wire import frames
from grader.wire.protocol import Call, Load, Ready, Reply, Setup, pack, unpack_request

TAMPERED = 86  # the exit code when our own code fails in here


def main(sock: socket.socket, output: int, place: Place) -> None:
    """Never returns: the fork ends here, whatever the attempt does."""
    code = TAMPERED
    try:
        printing.capture(output)
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
