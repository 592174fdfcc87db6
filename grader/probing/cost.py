"""Cost without a clock: operators, FLOPs, lines of the attempt's file, bytes."""

import sys
import weakref
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from grader.wire.protocol import Cost


class Meter:
    """A context that counts.  In the numpy flavour an operation is a function call, and the bytes are
    those that tracemalloc sees (NumPy reports its buffers to it)."""

    def __init__(self, filename: str, flavour: str) -> None:
        self.filename = filename
        self.numpy = flavour == "numpy"
        self.calls = 0
        self.lines = 0
        self.peak = 0
        self.tensors = _Tensors()

    def __enter__(self) -> "Meter":
        if self.numpy:
            import tracemalloc

            tracemalloc.start()
            sys.setprofile(self._profile)
        else:
            self.tensors.__enter__()  # type: ignore[no-untyped-call]
        sys.settrace(self._enter_frame)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        if self.numpy:
            import tracemalloc

            sys.setprofile(None)
            self.peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        else:
            self.tensors.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def cost(self) -> Cost:
        tensors = self.tensors
        return Cost(
            operations=self.calls if self.numpy else tensors.operations,
            flops=tensors.flops,
            lines=self.lines,
            peak_bytes=self.peak if self.numpy else tensors.peak,
            largest_bytes=self.peak if self.numpy else tensors.largest,
        )

    def _enter_frame(self, frame: FrameType, event: str, _: Any) -> Any:
        return self._line if frame.f_code.co_filename == self.filename else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        self.lines += event == "line"
        return self._line

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        self.calls += event in ("call", "c_call")


class _Tensors(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations = 0
        self.flops = 0
        self.peak = 0
        self.largest = 0
        self.alive: dict[int, weakref.ref[Any]] = {}
        self.bytes = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first call imports all of torch._dynamo

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        self.operations += 1
        if func.overloadpacket in flop_registry:
            self.flops += flop_registry[func.overloadpacket](*args, **(kwargs or {}), out_val=made)
        for leaf in tree_leaves(made):
            if isinstance(leaf, torch.Tensor):
                self._account(leaf)
        return made

    def _account(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        self.largest = max(self.largest, size)
        if key not in self.alive:
            self.alive[key] = weakref.ref(storage, lambda _: self._free(key, size))
            self.bytes += size
            self.peak = max(self.peak, self.bytes)

    def _free(self, key: int, size: int) -> None:
        if self.alive.pop(key, None) is not None:
            self.bytes -= size
