"""The supervisor of one check: forks judge and sandbox, passes news to the client, kills what is left.

Forked from the warm process, so that a check that goes wrong takes nobody with it.  It is made from a
plan, which knows all but the attempt, and may stand by until an attempt comes.
"""

import contextlib
import json
import os
import select
import socket
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from grader import devices, paths
from grader.judge import main as judge
from grader.sandbox import main as sandbox
from grader.sandbox.confinement import Place
from grader.sandbox.selftest import probe
from grader.warm import children, scratch
from grader.wire import control, frames

Plan = dict[str, Any]  # what the client asks for, without the attempt

GRACE_SECONDS = 20.0  # beyond the check's own limit: loading, diagnosing
READY_SECONDS = 60.0  # for a judge and a sandbox that are not ready yet when the attempt comes


class Order(NamedTuple):
    """An attempt to grade, and the client who waits for the verdict."""

    attempt: dict[str, Any]  # source, filename, select
    client: socket.socket


def stand_by(plan: Plan, warm: socket.socket) -> None:
    """Get ready for a check, wait for the order that the warm process passes on, carry it out."""
    check = Check(plan)
    try:
        check.get_ready()
        order = check.wait(warm)
        if order is not None:
            check.run(order)
    finally:
        check.end()


def pass_on(supervisor: socket.socket, attempt: dict[str, Any], client: socket.socket) -> None:
    """The warm process's side: hand an order to a supervisor that stands by."""
    supervisor.settimeout(GRACE_SECONDS)
    socket.send_fds(supervisor, [b"c"], [client.fileno()])
    frames.send(supervisor, json.dumps(attempt).encode(), time.monotonic() + GRACE_SECONDS)


class Check:
    """One check from its plan to the last line of its news."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scratch = scratch.new()
        self.sandbox = 0
        self.judge = 0

    def get_ready(self) -> None:
        device = devices.resolve(self.plan["device"], self.plan["devices"])
        self.there = device is not None
        if device is None:
            return
        self.plan = {**self.plan, "device": device}
        channel = self.start_sandbox()
        self.control, theirs = socket.socketpair()
        self.judge = children.fork(lambda: judge.main(self.plan, channel, theirs))
        theirs.close()
        _close(channel)

    def wait(self, warm: socket.socket) -> Order | None:
        """The order; None when the warm process or the judge is gone before there was one."""
        watched = [warm, self.control] if self.there else [warm]
        ready, _, _ = select.select(watched, [], [])
        if warm not in ready:
            return None
        warm.settimeout(GRACE_SECONDS)
        _, descriptors, _, _ = socket.recv_fds(warm, 1, 1)
        if not descriptors:
            return None
        client = socket.socket(fileno=descriptors[0])
        client.settimeout(GRACE_SECONDS)
        attempt = json.loads(frames.receive(warm, time.monotonic() + GRACE_SECONDS))
        return Order(attempt, client)

    def run(self, order: Order) -> None:
        self.client = order.client
        if not self.there:
            return tell(self.client, {"event": "no-device", "there": devices.there()})
        limits = self.plan["check_seconds"] + GRACE_SECONDS + READY_SECONDS
        self.deadline = time.monotonic() + limits
        control.send(self.control, "order", **order.attempt)
        self.relay()

    def end(self) -> None:
        """Nothing of a check is left: no process and no file."""
        for pid in (self.sandbox, self.judge):
            children.end(pid)
        scratch.remove(self.scratch)

    def relay(self) -> None:
        """The judge's news to the client, until the verdict; the client's leaving ends it all."""
        while True:
            wait = max(self.deadline - time.monotonic(), 0.0)
            ready, _, _ = select.select([self.control, self.client], [], [], wait)
            if self.client in ready or not ready:
                return self.give_up("the check took too long") if not ready else None
            try:
                news = control.receive(self.control, self.deadline)
            except (frames.Closed, frames.TimedOut):
                return self.give_up(f"the judge is gone: {children.how(children.end(self.judge))}")
            except frames.Malformed as problem:
                return self.give_up(f"the judge said too much: {problem}")
            if news["event"] == "replace":
                self.replace()
            else:
                tell(self.client, news)
            if news["event"] in ("verdict", "broken"):
                return None

    def give_up(self, error: str) -> None:
        tell(self.client, {"event": "broken", "error": error})

    def start_sandbox(self) -> control.Channel:
        ours, theirs = socket.socketpair()
        output = os.memfd_create("output", os.MFD_CLOEXEC)
        readable = [paths.katas() / self.plan["kata"]]
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        place = Place(folder, readable, self.plan["device"], self.plan["memory_mb"])
        self.sandbox = children.fork(lambda: sandbox.main(theirs, output, place))
        theirs.close()
        return control.Channel(ours, output, self.sandbox)

    def replace(self) -> None:
        ended = children.how(children.end(self.sandbox))
        channel = self.start_sandbox()
        control.send(self.control, "replaced", ended=ended)
        control.send_channel(self.control, channel)
        _close(channel)


def selftest(client: socket.socket) -> None:
    """Confine a process of its own, try everything forbidden in it, and tell the client."""
    folder = scratch.new()
    ours, theirs = socket.socketpair()
    pid = children.fork(lambda: control.send(theirs, "selftest", results=probe(folder)))
    theirs.close()
    try:
        news = control.receive(ours, time.monotonic() + GRACE_SECONDS)
    except (frames.Closed, frames.TimedOut):
        news = {"event": "selftest", "results": [["confinement", False, "the test itself died"]]}
    children.end(pid)
    scratch.remove(folder)
    tell(client, news | {"devices": devices.there()})


def tell(client: socket.socket, news: dict[str, Any]) -> None:
    """One line of JSON; a client that is gone is not our concern."""
    with contextlib.suppress(OSError):
        client.sendall(json.dumps(news).encode() + b"\n")


def _close(channel: control.Channel) -> None:
    channel.sock.close()
    os.close(channel.output)
