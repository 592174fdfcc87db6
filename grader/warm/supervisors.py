"""The checks of a warm process: those under way, and those that stand by for an attempt.

When a check ends and no other runs, the next one of the same kata is made ready: judge and sandbox forked,
suite collected, wanted values computed, on a GPU the context made.  It is there when the learner saves again.
"""

import json
import os
import signal
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.warm import grading
from grader.warm.fingerprint import content
from grader.warm.grading import Plan

MOST_SPARES = 2  # each holds memory while it waits
ATTEMPT = ("source", "filename", "select")  # what a plan does not know


@dataclass(eq=False, slots=True)
class Child:
    """A process forked from the warm one; its end of the socket closes when it is gone."""

    pid: int
    sock: socket.socket
    plan: Plan | None = None  # of a supervisor
    key: str = ""
    spare: bool = False

    @property
    def kata(self) -> str:
        return self.plan["kata"] if self.plan else ""


class Supervisors:
    """`close_others` closes, in a fork, what belongs to the warm process alone."""

    def __init__(self, close_others: Callable[[], None]) -> None:
        self.close_others = close_others
        self.children: dict[socket.socket, Child] = {}
        self.last: Plan | None = None  # of the check that ended last

    @property
    def busy(self) -> bool:
        return not all(child.spare for child in self.children.values())

    @property
    def spares(self) -> list[Child]:
        return [child for child in self.children.values() if child.spare]

    def grade(self, request: dict[str, Any], client: socket.socket) -> None:
        """Pass the request to a supervisor that stands by for it, or to a new one."""
        attempt = {name: request.pop(name) for name in ATTEMPT}
        key = _key(request)
        waiting = [child for child in self.spares if child.key == key]
        for child in [*waiting, None]:
            child = child or self.start(request, key)
            child.spare = False
            try:
                return grading.pass_on(child.sock, attempt, client)
            except OSError:
                continue  # it was killed while it stood by

    def start(self, plan: Plan, key: str, *, spare: bool = False) -> Child:
        child = self.fork(lambda warm: grading.stand_by(plan, warm))
        child.plan, child.key, child.spare = plan, key, spare
        return child

    def fork(self, work: Callable[[socket.socket], None]) -> Child:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.run(work, theirs)
        theirs.close()
        child = self.children[ours] = Child(pid, ours)
        return child

    def run(self, work: Callable[[socket.socket], None], warm: socket.socket) -> None:
        """In the fork.  Never returns."""
        code = 1
        try:
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for sock in self.children:
                sock.close()
            self.close_others()
            work(warm)
            code = 0
        except Exception:  # the log is the only reader left
            traceback.print_exc()
        finally:
            os._exit(code)

    def ended(self, sock: socket.socket) -> None:
        """A child closed its end."""
        child = self.children.pop(sock)
        sock.close()
        os.waitpid(child.pid, 0)
        if child.plan is not None and not child.spare:
            self.last = child.plan

    def make_spare(self) -> None:
        """When nothing else is to be done: the next check of the kind that ended last."""
        plan, self.last = self.last, None
        if plan is None or self.busy:
            return
        try:
            key = _key(plan)
        except OSError:
            return  # that kata is no longer there
        if any(child.key == key for child in self.spares):
            return
        stale = [child for child in self.spares if child.plan == plan]
        others = [child for child in self.spares if child.plan != plan]
        for old in [*stale, *others[: len(others) - MOST_SPARES + 1]]:
            old.sock.shutdown(socket.SHUT_RDWR)  # it leaves, and `ended` hears of it
        self.start(plan, key, spare=True)


def _key(plan: Plan) -> str:
    return json.dumps(plan, sort_keys=True) + content(plan["kata"])
