"""Forbidden calls refused as they run.

Named doors (`torch.softmax`, `torch.nn.BatchNorm1d`) are replaced while an attempt runs; operators
(`aten._softmax`) are watched below them, where every other door ends, and in a sandbox they lose their
kernels, so that nothing is left to call for who gets around the watch.
"""

import contextlib
import importlib
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import cache
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.probing import switches
from grader.probing.loading import line_of
from grader.probing.scan import HARMLESS

KERNELS = ("CPU", "MkldnnCPU", "NestedTensorCPU", "CUDA", "MPS")

# where torch keeps the same function a second time, written in Python
SECOND_DOORS = {
    "torch.nn.functional.": "torch._refs.nn.functional.",
    "torch.special.": "torch._refs.special.",
    "torch.": "torch._refs.",
    "aten.": "torch._decomp.decompositions.",
}


class ForbiddenCall(RuntimeError):
    """A call that the kata forbids.  Once made, the case is refused, whatever the attempt catches."""


class Door:
    """A name of the library, and what stands there while a guard is on."""

    __slots__ = ("had", "instead", "name", "owner")

    def __init__(self, owner: Any, name: str, instead: Callable[..., Any]) -> None:
        self.owner = owner
        self.name = name
        self.instead = instead
        self.had = vars(owner).get(name)  # None when it is inherited


class Guard:
    """A context in which the forbidden calls raise; `refused` keeps the first one, with its line."""

    def __init__(self, forbidden: Sequence[str], filename: str = "") -> None:
        self.filename = filename  # of the attempt: whose line is named
        self.refused = ""
        self.operators = {name for name in forbidden if name.startswith("aten.")}
        self.doors = [
            *(Door(owner, name, self._refuser(dotted)) for owner, name, dotted in _all(*forbidden)),
            *(Door(*switch) for switch in switches.guarded(self.refuse)),
        ]
        self.roots = _absent_roots(forbidden)
        self.watch = _OperatorWatch(self)
        self.denied = False  # the operators have no kernels left, so none need be watched
        self.stack = ExitStack()

    def __enter__(self) -> "Guard":
        self.stack = ExitStack()
        self.stack.callback(self._open)
        for door in self.doors:
            setattr(door.owner, door.name, door.instead)
        if self.roots:
            finder = _Refusing(self.roots)
            sys.meta_path.insert(0, finder)
            self.stack.callback(sys.meta_path.remove, finder)
        if self.operators and not self.denied:
            self.stack.enter_context(self.watch)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def deny_operators(self) -> None:
        """For the rest of this process the forbidden operators have no kernel: for a sandbox."""
        library = torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
        _for_ever.append(library)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that kernels are overridden is what is wanted
            for dotted in self.operators:
                packet = getattr(torch.ops.aten, dotted.removeprefix("aten."), None)
                for overload in packet.overloads() if packet is not None else ():
                    name = getattr(packet, overload).name()
                    for key in KERNELS:
                        library.impl(name, key, self._refuser(dotted))
        self.denied = True

    def refuse(self, dotted: str) -> None:
        line = line_of(self.filename)
        self.refused = self.refused or f"{line}{dotted}"
        raise ForbiddenCall(f"{dotted} is forbidden in this kata")

    def _refuser(self, dotted: str) -> Callable[..., Any]:
        def forbidden(*_args: Any, **_kwargs: Any) -> None:
            self.refuse(dotted)

        return forbidden

    def _open(self) -> None:
        for door in reversed(self.doors):
            if door.had is None:
                with contextlib.suppress(AttributeError):  # an attempt may have torn it out
                    delattr(door.owner, door.name)
            else:
                setattr(door.owner, door.name, door.had)


_for_ever: list[Any] = []  # a kernel lives as long as the library that brought it


class _OperatorWatch(TorchDispatchMode):
    def __init__(self, guard: Guard) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.guard = guard
        self.harmless: set[Any] = set()  # operators already looked at: names are slow to make

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first call imports all of torch._dynamo

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func not in self.harmless:
            name = f"{func.namespace}.{func.overloadpacket.__name__}"
            if name in self.guard.operators:
                self.guard.refuse(name)
            self.harmless.add(func)
        return func(*args, **(kwargs or {}))


class _Refusing(MetaPathFinder):
    def __init__(self, roots: set[str]) -> None:
        self.roots = roots

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.partition(".")[0] in self.roots:
            raise ModuleNotFoundError(f"{fullname} is forbidden in this kata", name=fullname)


@cache
def _all(*forbidden: str) -> list[tuple[Any, str, str]]:
    """Every door of a kata, looked up once a process."""
    return [*_doors(forbidden), *_doors(_second_doors(forbidden)), *_engine(forbidden)]


def _doors(patterns: Iterable[str]) -> Iterator[tuple[Any, str, str]]:
    """(owner, attribute, dotted name) of everything to be replaced."""
    for pattern in patterns:
        if pattern.startswith("aten."):
            continue
        prefix, _, last = pattern.rpartition(".")
        owner = _find(prefix)
        for name in [] if owner is None else _matching(owner, last):
            if name in HARMLESS or (name.startswith("_") and not last.startswith("_")):
                continue
            yield from _openings(owner, name, f"{prefix}.{name}")


def _matching(owner: Any, last: str) -> list[str]:
    if not set(last) & set("*?["):
        return [last] if hasattr(owner, last) else []  # dir() of torch takes a millisecond
    return [name for name in dir(owner) if fnmatchcase(name, last)]


def _second_doors(forbidden: Sequence[str]) -> Iterator[str]:
    for pattern in forbidden:
        for prefix, second in SECOND_DOORS.items():
            rest = pattern.removeprefix(prefix)
            if rest != pattern and "." not in rest and "*" not in rest:
                yield second + rest


def _engine(forbidden: Sequence[str]) -> list[tuple[Any, str, str]]:
    """What every way to a gradient ends in, and the class that it could be made from again."""
    name = "torch.autograd.backward"
    if name not in forbidden:
        return []
    variable: Any = sys.modules["torch.autograd.variable"]
    owners = (variable, "ImperativeEngine"), (torch._C, "_ImperativeEngine")
    return [(owner, attribute, name) for owner, attribute in owners] + [
        (variable.Variable, "_execution_engine", name)
    ]


def _openings(owner: Any, name: str, dotted: str) -> list[tuple[Any, str, str]]:
    value = getattr(owner, name, None)
    if isinstance(value, type):
        # the class stays itself, for isinstance; making or deriving one is what is refused
        return [(value, "__init__", dotted), (value, "__init_subclass__", dotted)]
    if isinstance(value, ModuleType) or not callable(value):
        return []
    return [(owner, name, dotted)]


def _find(dotted: str) -> Any:
    """A module or class of an already imported package; None for anything else."""
    parts = dotted.split(".")
    found: Any = sys.modules.get(parts[0])
    for part in parts[1:]:
        if found is not None and not hasattr(found, part) and isinstance(found, ModuleType):
            importlib.import_module(f"{found.__name__}.{part}")
        found = getattr(found, part, None)
    return found


def _absent_roots(forbidden: Sequence[str]) -> set[str]:
    """Packages that are forbidden as a whole: `sklearn.*`, but not scipy for one `scipy.special.softmax`."""
    whole = {name.removesuffix(".*") for name in forbidden if name.endswith(".*")}
    return {name for name in whole if "." not in name}
