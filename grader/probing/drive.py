"""One probe call on one attempt: standard state, the automatic checks, a reply that always comes."""

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType, TracebackType
from typing import Any

import torch

from grader.probing import randomness
from grader.probing.cost import Meter
from grader.probing.guard import ForbiddenCall, Guard
from grader.probing.loading import Source
from grader.probing.pretend import Accelerator, DeviceMix
from grader.wire import values
from grader.wire.protocol import (
    LONGEST_LIST,
    LONGEST_TEXT,
    Call,
    Load,
    Loaded,
    Raised,
    Reply,
    Setup,
)

LONGEST_LINE = 200  # characters of a line of the attempt


class Attempt:
    """An attempt with the probes that drive it: set up for a kata, then loaded, then called."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.probes = Source("probes", setup.probes, "probes.py").execute()
        self.guard = Guard(setup.forbidden)
        self.filename = ""
        self.source: Source | None = None
        self.module: ModuleType | None = None

    def load(self, order: Load) -> Loaded:
        """Execute the file once and look for what it promises."""
        self.filename = self.guard.filename = order.filename
        try:
            _standard_state()
            with self.guard:
                self.source = Source("attempt", order.source, order.filename)
                self.module = self.source.execute()
        except BaseException as problem:  # whatever the attempt raises, SystemExit included
            raised = describe(problem, order.filename)
            return Loaded(raised=raised, refused=_text(self.guard.refused))
        exports = self.setup.exports
        missing = [name for name in exports if not callable(getattr(self.module, name, None))]
        return Loaded(missing=missing, refused=_text(self.guard.refused))

    def call(self, call: Call) -> Reply:
        reply = Reply(call.number)
        self.guard.refused = ""
        _standard_state()
        try:
            self._run(call, reply)
        except BaseException as problem:  # whatever the attempt raises, SystemExit included
            if isinstance(problem, DeviceMix):
                reply.mixed = reply.mixed or _text(str(problem))
            elif not isinstance(problem, ForbiddenCall):
                reply.raised = describe(problem, self.filename)
        reply.refused = _text(self.guard.refused)
        return reply

    def _run(self, call: Call, reply: Reply) -> None:
        setup = self.setup
        probe = getattr(self.probes, call.probe)
        arguments = {
            name: values.decode(data, setup.flavour, setup.device)
            for name, data in call.arguments.items()
        }
        with self.guard:
            if call.fresh and self.source is not None:
                self.module = self.source.execute()
                _standard_state()
            value = self._measured(call, probe, arguments, reply)
        if not getattr(probe, "draws", False):
            reply.random = randomness.moved()
        changes = getattr(probe, "changes", ())
        kept = [name for name in arguments if name not in changes]
        reply.changed = [name for name in kept if _differs(call.arguments[name], arguments[name])]
        try:
            reply.value = values.encode(value)
        except values.Unsupported as problem:
            reply.unsupported = _text(str(problem))

    def _measured(self, call: Call, probe: Callable[..., Any], arguments: Any, reply: Reply) -> Any:
        """Run the probe, on the pretend accelerator or with the meter when asked."""
        with ExitStack() as stack:
            accelerator = Accelerator(self.filename)
            if call.mode == "meta":
                arguments = accelerator.send(arguments)
                stack.enter_context(accelerator.on())
            meter = Meter(self.filename, self.setup.flavour)
            try:
                if call.mode == "cost":
                    stack.enter_context(meter)
                value = probe(self.module, **arguments)
                return accelerator.fetch(value) if call.mode == "meta" else value
            finally:
                stack.close()
                reply.mixed = _text(accelerator.mixed)
                reply.cost = meter.cost() if call.mode == "cost" else None


def describe(problem: BaseException, filename: str) -> Raised:
    """An exception as text.  Its own `__str__` may raise, and its class may lie about its name."""
    kinds = type(problem).__mro__[:LONGEST_LIST]
    types = [_text(f"{kind.__module__}.{kind.__qualname__}", LONGEST_LINE) for kind in kinds]
    try:
        message = _text(str(problem))
    except BaseException as worse:  # the attempt's own __str__
        message = f"(its message raises {type(worse).__name__})"
    if isinstance(problem, SyntaxError) and problem.filename == filename:
        return Raised(types, _text(problem.msg or message), _caret(problem))
    frames = [
        _text(f"line {frame.lineno}, in {frame.name}: {frame.line}", LONGEST_LINE)
        for frame in traceback.extract_tb(_traceback_of(problem), limit=-200)
        if frame.filename == filename
    ]
    return Raised(types, message, frames[-6:])


def _text(text: str, longest: int = LONGEST_TEXT) -> str:
    """As much as may travel; half a surrogate pair may not."""
    return text[:longest].encode("utf-8", "replace").decode()


def _traceback_of(problem: BaseException) -> TracebackType | None:
    """Past the attempt's own `__getattribute__`, which may raise."""
    found: TracebackType | None = BaseException.__getattribute__(problem, "__traceback__")
    return found


def _caret(problem: SyntaxError) -> list[str]:
    text = (problem.text or "").rstrip("\n")
    indent = len(text) - len(text.lstrip())
    caret = " " * max((problem.offset or 1) - 1 - indent, 0) + "^"
    lines = f"line {problem.lineno}:", f"    {text.strip()}", f"    {caret}"
    return [_text(line, LONGEST_LINE) for line in lines]


def _standard_state() -> None:
    """What an attempt may have changed for the whole process, put back before every call."""
    torch.set_default_dtype(torch.float32)
    if torch.get_default_device().type != "cpu":
        torch.set_default_device(None)
    torch.set_grad_enabled(True)
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    randomness.seed()


def _differs(sent: bytes, argument: Any) -> bool:
    """Is an argument no longer what was sent?  The judge sends from the CPU, wherever it lives here."""
    try:
        return values.encode(argument, device_of=lambda _: "cpu") != sent
    except values.Unsupported:
        return True
