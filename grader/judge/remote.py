"""The attempt as the judge reaches it: a sandbox behind a socket, replaced when it hangs or dies."""

import contextlib
import math
import os
import secrets
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

from grader.catalogue import Limits
from grader.judge.bench import (
    AttemptRaised,
    CaseCrashed,
    CaseFailed,
    CaseRefused,
    CaseTimedOut,
    OurFault,
)
from grader.judge.patience import Patience
from grader.wire import control, frames, values
from grader.wire.protocol import (
    BadMessage,
    Call,
    FromSandbox,
    Load,
    Loaded,
    Raised,
    Ready,
    Reply,
    Setup,
    ToSandbox,
    pack,
    unpack_answer,
)

LONGEST_OUTPUT = 64 * 1024
LARGEST_ANSWER = 2 * values.LARGEST  # bytes of one frame, and
MOST_ANSWERS = 32 * values.LARGEST  # of all in a check: the judge keeps what a diagnosis compares
AFTER_A_HANG = 0.5  # seconds that later cases get once one has hung: the check is not passed anyway
HANGS_ENOUGH = 2  # after that, what hangs is known, and nobody need wait for it again
LOADING_SECONDS = 10.0
SETUP_SECONDS = 60.0  # a sandbox on an accelerator makes its context first
REPLACING_SECONDS = 20.0
UNASKED = "its process sent a reply that nobody asked for"
NO_MEMORY = ("DefaultCPUAllocator: can't allocate memory", "std::bad_alloc", "bad allocation")


@dataclass(slots=True)
class Remote:
    """Carries out probe calls in a sandbox, each case within its limit."""

    setup: Setup
    limits: Limits
    supervisor: socket.socket
    channel: control.Channel
    order: Load = field(default_factory=lambda: Load("", ""))  # until the attempt comes
    check_deadline: float = math.inf
    load_error: CaseFailed | None = None
    ordered: bool = False  # the order is sent, its answer is still to come
    loaded: bool = False
    hung: Counter[str] = field(default_factory=Counter)  # how often each probe has hung
    last_words: str = ""  # the output of a sandbox that is gone
    received: int = 0  # bytes of answers so far
    patience: Patience = field(init=False)

    def begin_case(self) -> None:
        if not self.ordered:  # what it prints while it is imported belongs to the first case
            os.ftruncate(self.channel.output, 0)
            os.lseek(self.channel.output, 0, os.SEEK_SET)  # the sandbox shares the position
        seconds = min(self.limits.case_seconds, AFTER_A_HANG if self.hung else 1e9)
        self.patience = Patience(self.channel.pid, seconds)

    def call(self, call: Call) -> Reply:
        """The sandbox's reply; raises CaseTimedOut, CaseCrashed or what the loading came to."""
        if time.monotonic() > self.check_deadline:
            raise CaseTimedOut(f"not run: the check's {self.limits.check_seconds:g} s are used up")
        if self.received > MOST_ANSWERS:
            raise CaseFailed(f"not run: the check has returned {MOST_ANSWERS >> 20} MiB of values")
        if self.hung[call.probe] >= HANGS_ENOUGH:
            raise CaseTimedOut(f"not run: `{call.probe}` has hung {HANGS_ENOUGH} times before")
        self.load()
        if self.load_error is not None:
            raise self.load_error
        # a number that the attempt cannot guess, or it could answer in place of what watches it
        call = Call(_token(), call.probe, call.mode, call.arguments, call.fresh)
        answer = self.exchange(call, self.patience)
        if not isinstance(answer, Reply) or answer.number != call.number:
            self.replace()
            raise CaseRefused(UNASKED)
        if answer.raised is not None and _is_out_of_memory(answer.raised):
            raise OutOfMemory(self.limits.memory_mb, answer.raised)
        if answer.raised is not None and "CUDA error" in answer.raised.message:
            self.replace()  # nothing works any more in a process in which CUDA has failed once
        return answer

    def set_up(self) -> None:
        """Have the sandbox get ready for the kata; it answers when it is."""
        with contextlib.suppress(frames.Closed):  # `load_ahead` will say it
            frames.send(self.channel.sock, pack(self.setup))

    def load_ahead(self) -> None:
        """Send the attempt: the sandbox loads it while the judge does something else."""
        with contextlib.suppress(frames.Closed):
            return self._send_order()
        self.replace()  # it was killed while it stood by
        try:
            self._send_order()
        except (frames.Closed, frames.TimedOut):
            raise OurFault(f"no sandbox could be set up: {self.output()}") from None

    def _send_order(self) -> None:
        sock = self.channel.sock
        ready = unpack_answer(frames.receive(sock, time.monotonic() + SETUP_SECONDS))
        assert isinstance(ready, Ready)
        self.order.token = _token()
        frames.send(sock, pack(self.order), self.check_deadline)
        self.ordered = True

    def load(self) -> None:
        if self.loaded or self.load_error is not None:
            return
        self.loaded = True
        if not self.ordered:
            self.load_ahead()
        self.ordered = False
        try:
            limit = max(self.limits.case_seconds, LOADING_SECONDS)
            answer = self.exchange(None, Patience(self.channel.pid, limit))
        except CaseFailed as problem:
            self.load_error = type(problem)(f"while it is imported: {problem}")
            return
        self.patience = Patience(self.channel.pid, self.patience.limit)
        if not isinstance(answer, Loaded) or answer.token != self.order.token:
            self.load_error = CaseRefused(UNASKED)
        elif answer.refused:
            self.load_error = CaseRefused(f"{answer.refused} is forbidden in this kata")
        elif answer.raised is not None and _is_out_of_memory(answer.raised):
            self.load_error = OutOfMemory(self.limits.memory_mb, answer.raised)
        elif answer.raised is not None:
            self.load_error = ImportFailed(answer)
        elif answer.missing:
            self.load_error = ExportsMissing(answer.missing)

    def exchange(self, message: ToSandbox | None, patience: Patience) -> FromSandbox:
        """The next answer, to this message or to the order that was sent ahead."""
        sock, begun = self.channel.sock, time.monotonic()
        try:
            if message is not None:
                frames.send(sock, pack(message), begun + patience.limit)
            patience.wait(sock, self.check_deadline)
            limit = time.monotonic() + patience.limit
            data = frames.receive(sock, limit, largest=LARGEST_ANSWER)
            self.received += len(data)
            return unpack_answer(data)
        except frames.TimedOut:
            self.hung[message.probe if isinstance(message, Call) else ""] += 1
            self.replace()
            seconds = round(max(time.monotonic() - begun, 0.0)) or 1
            raise CaseTimedOut(f"stopped after {seconds} s: an endless loop?") from None
        except frames.Closed:
            raise CaseCrashed(self.replace()) from None
        except (frames.Malformed, BadMessage) as problem:
            self.replace()
            raise CaseRefused(f"its process sent bytes that are no reply ({problem})") from None

    def replace(self) -> str:
        """Have the sandbox killed and another one started; returns how the old one ended."""
        self.channel.sock.close()
        control.send(self.supervisor, "replace")
        answer = control.receive(self.supervisor, time.monotonic() + REPLACING_SECONDS)
        self.last_words = self.output()
        os.close(self.channel.output)
        self.channel = control.receive_channel(self.supervisor, REPLACING_SECONDS)
        self.loaded = False
        self.set_up()
        return str(answer["ended"])

    def output(self) -> str:
        """What the attempt printed since the case began: all of it, or the first and the last lines."""
        size = os.fstat(self.channel.output).st_size
        if size <= LONGEST_OUTPUT:
            return os.pread(self.channel.output, size, 0).decode("utf-8", "replace")
        half = LONGEST_OUTPUT // 2
        first = os.pread(self.channel.output, half, 0).decode("utf-8", "replace")
        last = os.pread(self.channel.output, half, size - half).decode("utf-8", "replace")
        return f"{first}\n… cut\n{last.partition(chr(10))[2] or last}"

    def take_output(self) -> str:
        words, self.last_words = self.last_words, ""
        return words or self.output()


def _token() -> int:
    return secrets.randbits(62)


def _is_out_of_memory(raised: Raised) -> bool:
    """Python's own error, or what torch makes of a failed allocation on the CPU."""
    return "builtins.MemoryError" in raised.types or (
        "builtins.RuntimeError" in raised.types
        and any(words in raised.message for words in NO_MEMORY)
    )


class OutOfMemory(CaseCrashed):
    """The attempt asked for more than its sandbox has."""

    def __init__(self, memory_mb: int, raised: Raised) -> None:
        where = "".join(f"\n    {line}" for line in raised.trace)
        super().__init__(f"used more than {memory_mb / 1024:g} GiB of memory{where}")


class ImportFailed(CaseFailed):
    """The attempt's file raises when it is executed."""

    def __init__(self, answer: Loaded | str) -> None:
        if isinstance(answer, str):
            super().__init__(answer)
            return
        assert answer.raised is not None
        super().__init__(f"cannot be imported: it {AttemptRaised(answer.raised)}")


class ExportsMissing(CaseFailed):
    """The attempt's file does not define what the kata asks for."""

    def __init__(self, missing: list[str]) -> None:
        names = ", ".join(missing)
        super().__init__(f"does not define {names}, or not as something that can be called")
