"""Judge and sandbox as processes: forked, ended with all that they started, and how they ended in words."""

import contextlib
import os
import signal
import time
from collections.abc import Callable

from grader.sandbox import kernel
from grader.sandbox import main as sandbox

# what `end` found, in words
TAMPERED = "it broke the code or the connection of the process that runs it"
ENDINGS: dict[int, str] = {
    signal.SIGSEGV: "its process crashed (segmentation fault)",
    signal.SIGKILL: "its process was killed",
    signal.SIGABRT: "its process aborted",
    signal.SIGXCPU: "its process used too much processor time",
}


def fork(child: Callable[[], None]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # the supervisor died before this process could ask to die with it
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        child()
    finally:
        os._exit(1)


def end(pid: int) -> int:
    """Kill a child with its whole group and reap it; its wait status, as far as there is one."""
    if not pid:
        return 0
    try:
        for _ in range(20):
            # a process that closed its socket may still be about to exit by itself: let it say how
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                break
            time.sleep(0.001)
        os.kill(pid, signal.SIGKILL)  # by its own number too: it may not lead its group yet
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # the group: an attempt may have forked helpers
        return os.waitpid(pid, 0)[1]
    except (ChildProcessError, ProcessLookupError):
        return 0


def how(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return ENDINGS.get(number, f"its process was ended by signal {number}")
    if os.WEXITSTATUS(status) == sandbox.TAMPERED:
        return TAMPERED
    return f"its process exited with code {os.WEXITSTATUS(status)} in the middle of a call"
