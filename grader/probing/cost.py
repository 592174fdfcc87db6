"""Cost without a clock: operators, FLOPs, lines of Python, bytes."""

import sys
import tracemalloc
from types import FrameType
from typing import Any

from torch.overrides import TorchFunctionMode

from grader.probing.libraries import ROOTS
from grader.probing.loading import line_of
from grader.probing.operators import Operators
from grader.wire.protocol import Cost

TO_NUMPY = {"numpy", "__array__", "__dlpack__"}


class Meter:
    """A context that counts, and that raises at its end when something escaped it.

    In the numpy flavour an operation is a function call, and the bytes are those that tracemalloc sees
    (NumPy reports its buffers to it).
    """

    def __init__(self, filename: str, flavour: str) -> None:
        self.filename = filename
        self.numpy = flavour == "numpy"
        self.calls = 0
        self.lines = 0
        self.peak = 0
        self.tensors = Operators()
        self.exits = _Exits(self)
        self.trace, self.profile = self._enter_frame, self._profile  # made once: they are compared
        self.escaped = ""  # in words

    def __enter__(self) -> "Meter":
        if self.numpy:
            tracemalloc.start()
            sys.setprofile(self.profile)
        else:
            self.tensors.__enter__()
            self.exits.__enter__()  # type: ignore[no-untyped-call]
        sys.settrace(self.trace)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._counting():
            self.escape("something switched the counting of its cost off, as a debugger does")
        sys.settrace(None)
        if self.numpy:
            sys.setprofile(None)
            self.peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        else:
            self.exits.__exit__(None, None, None)  # type: ignore[no-untyped-call]
            self.tensors.__exit__(None, None, None)  # type: ignore[no-untyped-call]
        if self.escaped:
            raise RuntimeError(self.escaped)

    def cost(self) -> Cost:
        tensors = self.tensors
        return Cost(
            operations=self.calls if self.numpy else tensors.operations,
            flops=tensors.flops,
            lines=self.lines,
            peak_bytes=self.peak if self.numpy else tensors.peak,
            largest_bytes=self.peak if self.numpy else tensors.largest,
        )

    def escape(self, how: str) -> None:
        """What the attempt does now cannot be counted."""
        self.escaped = self.escaped or line_of(self.filename) + how

    def _counting(self) -> bool:
        if sys.gettrace() is not self.trace:
            return False
        if self.numpy:
            return sys.getprofile() is self.profile and tracemalloc.is_tracing()
        return self.tensors.on()

    def _enter_frame(self, frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if name != self.filename and (name.startswith(ROOTS) or not self._counting()):
            return None  # of a library, as is what runs in "<string>" while a repr counts nothing
        frame.f_trace_opcodes = not self.numpy
        return self._line

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self.lines += 1
        elif event == "opcode" and not self.escaped and not self.tensors.on():
            self.escape("runs where tensor operations are not counted")
        return self._line

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        self.calls += event in ("call", "c_call")


class _Exits(TorchFunctionMode):
    """Numbers that leave torch: in Python each counts as a line, in NumPy nothing could be counted."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name == "tolist":
            self.meter.lines += args[0].numel()
        elif name in TO_NUMPY and args[0].numel() > 1:
            self.meter.escape("goes to NumPy, where tensor operations are not counted")
        return func(*args, **(kwargs or {}))
