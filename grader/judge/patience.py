"""How long the judge waits for a sandbox: by the clock, but a busy machine costs nobody a pass.

An attempt is stopped when its limit has passed on the clock, unless its process was ready to run all the
time and did not get the processor: then it may have the processor time that the limit stands for.
"""

import select
import socket
import time
from pathlib import Path

from grader.wire import frames

MOST = 10.0  # times the limit, on the clock: a machine that is busier than that grades nobody
NEXT_LOOK = 0.25  # seconds


class Patience:
    """For one case, or one loading: `limit` seconds from now on."""

    def __init__(self, pid: int, limit: float) -> None:
        self.pid = pid
        self.limit = limit
        self.begun = time.monotonic()
        self.used = processor_seconds(pid)

    def wait(self, sock: socket.socket, at_most: float) -> None:
        """Until there is something to read; TimedOut when it is used up, or that moment has come."""
        latest = min(self.begun + MOST * self.limit, at_most)
        deadline = min(self.begun + self.limit, latest)
        while not select.select([sock], [], [], max(deadline - time.monotonic(), 0.0))[0]:
            now = time.monotonic()
            if now >= latest or not self._is_starved():
                raise frames.TimedOut
            deadline = min(now + NEXT_LOOK, latest)

    def _is_starved(self) -> bool:
        now = processor_seconds(self.pid)
        if self.used is None or now is None or now - self.used >= self.limit:
            return False
        return _state(self.pid) == "R"  # what sleeps is not waiting for the processor


def processor_seconds(pid: int) -> float | None:
    """What a process has used so far; None where the system does not say."""
    try:
        # the number of another process's clock, as clock_getcpuclockid(3) makes it
        return time.clock_gettime(~pid << 3 | 2)
    except (OSError, AttributeError, OverflowError):
        return None


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""
