"""The warm process: imports torch, numpy and pytest, then forks a supervisor for each request.

It opens nothing under reference/ and runs no attempt.  One instance a folder (a lock), found through a
socket in a private folder; it leaves when idle, when it is told to, or when its socket is gone.
"""

import gc
import json
import os
import select
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import torch

from grader import paths
from grader.warm import grading, scratch
from grader.warm.fingerprint import fingerprint
from grader.warm.supervisors import ATTEMPT, Supervisors

IDLE_SECONDS = 15 * 60.0
TICK_SECONDS = 5.0
REQUEST_SECONDS = 10.0
LARGEST_REQUEST = 64 * 1024 * 1024


def main() -> None:
    """`--lock FD`: serve, with the lock that says so; `--once FD`: grade one request and leave."""
    torch.set_num_threads(1)  # before any operation: a fork of a process with a pool deadlocks
    prepare()
    how, descriptor = sys.argv[1:]
    if how == "--once":
        return _once(socket.socket(fileno=int(descriptor)))
    os.set_inheritable(int(descriptor), False)
    server = Server(paths.warm_folder(), int(descriptor))
    try:
        server.serve()
    finally:
        server.close()


def prepare() -> None:
    """Everything that a check needs, imported and run once, and frozen for cheap forks."""
    from grader.warm import rehearsal

    rehearsal.rehearse()
    gc.collect()
    gc.freeze()


class Server:
    """Reads requests, answers the small ones, has the others carried out in forks."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.lock = lock
        self.address = folder / "socket"
        self.address.unlink(missing_ok=True)
        scratch.sweep()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.address))
        self.listener.listen(16)
        self.inode = os.stat(self.address).st_ino
        self.facts = {"fingerprint": fingerprint(), "pid": os.getpid(), "since": time.time()}
        self.asking: dict[socket.socket, Request] = {}
        self.supervisors = Supervisors(self.close_sockets)
        self.last = time.monotonic()
        self.stopped = False

    def serve(self) -> None:
        while not self.stopped and (self.supervisors.busy or not self.idle):
            children = self.supervisors.children
            watched = [self.listener, *self.asking, *children]
            ready, _, _ = select.select(watched, [], [], TICK_SECONDS)
            if not self.is_found:
                return
            for sock in ready:
                if sock is self.listener:
                    client, _ = self.listener.accept()
                    self.asking[client] = Request(client)
                elif sock in self.asking:
                    self.hear(self.asking[sock])
                elif sock in children:
                    self.supervisors.ended(sock)
            if not self.asking:
                self.supervisors.make_spare()
            for request in [one for one in self.asking.values() if one.is_late]:
                self.asking.pop(request.client).client.close()

    @property
    def idle(self) -> bool:
        return time.monotonic() - self.last > IDLE_SECONDS

    @property
    def is_found(self) -> bool:
        """Is our socket still where clients look for it?"""
        return self.address.exists() and os.stat(self.address).st_ino == self.inode

    def hear(self, request: "Request") -> None:
        whole = request.read()
        if not request.is_over:
            return
        del self.asking[request.client]
        with request.client as client:
            if whole is not None:
                self.last = time.monotonic()
                try:
                    self.answer(json.loads(whole), client)
                except (ValueError, KeyError, OSError):  # one bad request ends no other
                    traceback.print_exc()

    def answer(self, request: dict[str, Any], client: socket.socket) -> None:
        verb = request.pop("verb")
        if verb == "grade":
            self.supervisors.grade(request, client)
        elif verb == "facts":
            spares = [{"pid": spare.pid, "kata": spare.kata} for spare in self.supervisors.spares]
            grading.tell(client, {"event": "facts", **self.facts, "spares": spares})
        elif verb == "selftest":
            self.supervisors.fork(lambda _: grading.selftest(client))
        elif verb == "stop":
            self.stopped = True

    def close_sockets(self) -> None:
        """In a fork, and at the end."""
        os.close(self.lock)  # a check that is still under way keeps no successor waiting
        self.listener.close()
        for client in self.asking:
            client.close()

    def close(self) -> None:
        """Who comes next finds no socket; those who stand by hear that we are gone."""
        if self.is_found:
            self.address.unlink()
        self.close_sockets()


class Request:
    """A client's line of JSON, as it comes in."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.data = b""
        self.is_over = False
        self.deadline = time.monotonic() + REQUEST_SECONDS

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def read(self) -> bytes | None:
        """The whole line, when the last of it is here."""
        try:
            more = self.client.recv(1 << 20)
        except OSError:
            more = b""
        self.data += more
        whole = self.data.endswith(b"\n")
        self.is_over = whole or not more or len(self.data) > LARGEST_REQUEST
        return self.data if whole else None


def _once(client: socket.socket) -> None:
    """Without a warm process: this very process supervises the one check that it is for."""
    request = json.loads(client.makefile("rb").readline())
    if request.pop("verb") == "selftest":
        return grading.selftest(client)
    order = grading.Order({name: request.pop(name) for name in ATTEMPT}, client)
    check = grading.Check(request)
    try:
        check.get_ready()
        check.run(order)
    finally:
        check.end()


if __name__ == "__main__":
    main()
