"""Every tensor operator as it runs: how many, their FLOPs, and the bytes of what they make."""

import functools
import weakref
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

PRODUCTS = {torch.ops.aten.mv, torch.ops.aten.addmv, torch.ops.aten.dot, torch.ops.aten.vdot}

# taken here, before an attempt or a guard can put anything in their place
_depth, _mode_at = torch._C._len_torch_dispatch_stack, torch._C._get_dispatch_stack_at
_excluded = torch._C._dispatch_tls_is_dispatch_key_excluded
_included = torch._C._dispatch_tls_is_dispatch_key_included
_KEY = torch._C.DispatchKey.Python


class Operators(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations = 0
        self.flops = 0
        self.peak = 0
        self.largest = 0
        self.alive: dict[int, weakref.ref[Any]] = {}
        self.bytes = 0
        self.place = 0

    def __enter__(self) -> "Operators":
        self.place = _depth()
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def on(self) -> bool:
        """Is every operator reported here at this moment?"""
        there = _depth() > self.place and _mode_at(self.place) is self
        return there and _included(_KEY) and not _excluded(_KEY)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first call imports all of torch._dynamo

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        self.operations += 1
        if func.overloadpacket in flop_registry:
            self.flops += flop_registry[func.overloadpacket](*args, **(kwargs or {}), out_val=made)
        elif _computes(func):
            self.flops += _elements(args, made) * (2 if func.overloadpacket in PRODUCTS else 1)
        for leaf in _tensors_in(made):
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


@functools.cache
def _computes(func: Any) -> bool:
    moves = func.is_view or func.overloadpacket is torch.ops.aten.copy_
    return not moves and torch.Tag.nondeterministic_seeded not in func.tags


def _elements(given: Any, made: Any) -> int:
    """Of the largest tensor; none where nothing was given, as in torch.zeros."""
    sizes = [tensor.numel() for tensor in _tensors_in(given)]
    return max(sizes + [tensor.numel() for tensor in _tensors_in(made)]) if sizes else 0


def _tensors_in(values: Any) -> Iterator[torch.Tensor]:
    """What operators take and give: tensors, and lists and tuples of them."""
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors_in(value)
