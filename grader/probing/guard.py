"""Forbidden calls refused as they run.

Named doors (`torch.softmax`, `torch.nn.BatchNorm1d`) are replaced while an attempt runs; operators
(`aten._softmax`) are watched below them, where every other door ends, and in a sandbox they lose their
kernels, so that nothing is left to call for who gets around the watch.
"""

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import cache
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.probing import switches
from grader.probing.loading import line_of
from grader.probing.scan import HARMLESS
from grader.probing.standins import (
    ForbiddenCall,
    Refusing,
    refuser,
    sealed,
    stand_in,
    stand_in_for,
    unchanged,
)

__all__ = ["ForbiddenCall", "Guard"]

KERNELS = ("CPU", "MkldnnCPU", "NestedTensorCPU", "SparseCPU", "CUDA", "SparseCUDA", "MPS")
BACKWARD = "torch.autograd.backward"
HOOKS = (
    "_push_saved_tensors_default_hooks",
    "_pop_saved_tensors_default_hooks",
    "_saved_tensors_hooks_disable",
)
_push_hooks, _pop_hooks = (getattr(torch._C._autograd, name) for name in HOOKS[:2])
TORCHS_OWN = {"functorch"}  # torch imports it for itself; behind it are the doors of torch

# where torch keeps the same function a second time, written in Python
SECOND_DOORS = {
    "torch.nn.functional.": "torch._refs.nn.functional.",
    "torch.special.": "torch._refs.special.",
    "torch.": "torch._refs.",
    "aten.": "torch._decomp.decompositions.",
}


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
        self.refuse = refuser(sealed(self._keep))
        self.operators = {name for name in forbidden if name.startswith("aten.")}
        self.doors = [
            *(self._door(*place) for place in _all(*forbidden)),
            *(Door(*switch) for switch in switches.guarded(self.refuse)),
        ]
        self.roots = _absent_roots(forbidden)
        self.watch = _OperatorWatch(self)
        self.backward = stand_in(BACKWARD, self.refuse) if BACKWARD in forbidden else None
        self.denied = False  # the operators have no kernels left, so none need be watched
        self.stack = ExitStack()

    def __enter__(self) -> "Guard":
        self.stack = ExitStack()
        self.stack.callback(self._open)
        for door in self.doors:
            setattr(door.owner, door.name, door.instead)
        if self.roots:
            finder = Refusing(self.roots, self.filename)
            sys.meta_path.insert(0, finder)
            self.stack.callback(_forget, finder)
        if self.backward is not None:
            # whatever runs backwards, TorchScript included, asks for what was saved on the way forwards
            _push_hooks(unchanged, self.backward)
            self.stack.callback(_pop_hooks)
        if self.operators and not self.denied:
            self.stack.enter_context(self.watch)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def deny_operators(self) -> None:
        """For the rest of this process, a sandbox: forbidden operators have no kernels, and forbidden
        packages no files."""
        library = torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that kernels are overridden is what is wanted
            for dotted in self.operators:
                packet = getattr(torch.ops.aten, dotted.removeprefix("aten."), None)
                for overload in packet.overloads() if packet is not None else ():
                    name = getattr(packet, overload).name()
                    for key in KERNELS:
                        library.impl(name, key, stand_in(dotted, self.refuse))
        sys.addaudithook(_closed(self.roots, library))
        self.denied = True

    def _door(self, owner: Any, name: str, dotted: str) -> Door:
        forbidden = stand_in(dotted, self.refuse)
        return Door(owner, name, stand_in_for(getattr(owner, name, None), forbidden))

    def _keep(self, dotted: str) -> None:
        self.refused = self.refused or f"{line_of(self.filename)}{dotted}"

    def _open(self) -> None:
        for door in reversed(self.doors):
            if door.had is None:
                with contextlib.suppress(AttributeError):  # an attempt may have torn it out
                    delattr(door.owner, door.name)
            else:
                setattr(door.owner, door.name, door.had)


def _forget(finder: Refusing) -> None:
    with contextlib.suppress(ValueError):  # an attempt may have taken it out
        sys.meta_path.remove(finder)


def _closed(roots: set[str], library: object) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that opens no file of these packages.  Nobody can reach it, so it also keeps what
    has to live as long as the process: with the library its kernels would go."""
    specs = [PathFinder.find_spec(root) for root in roots - TORCHS_OWN]
    found = [spec.submodule_search_locations or () for spec in specs if spec is not None]
    homes = tuple(os.path.join(home, "") for locations in found for home in locations)
    files, is_a, starts, decode = {"open": 0, "import": 1}, isinstance, str.startswith, os.fsdecode

    def hook(event: str, arguments: tuple[Any, ...], _kept: object = library) -> None:
        path = arguments[files[event]] if event in files else None
        if path is not None and not is_a(path, int) and starts(decode(path), homes):
            raise ModuleNotFoundError(f"{path} is closed in this kata")

    return hook


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
        if last == "*" and owner is not None:
            yield from _inside(prefix)


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
    """What every way to a gradient ends in, the class that it could be made from again, and the
    switches of the hooks that watch it."""
    if BACKWARD not in forbidden:
        return []
    variable: Any = sys.modules["torch.autograd.variable"]
    owners = (variable, "ImperativeEngine"), (torch._C, "_ImperativeEngine")
    return [
        *((owner, attribute, BACKWARD) for owner, attribute in owners),
        (variable.Variable, "_execution_engine", BACKWARD),
        *((torch._C._autograd, name, BACKWARD) for name in HOOKS),
    ]


def _inside(package: str) -> Iterator[tuple[Any, str, str]]:
    """What the modules of a package define and it does not show: private functions too."""
    for path in [path for path in sys.modules if path.startswith(f"{package}.")]:
        for name, value in vars(sys.modules[path]).items():
            defined = str(getattr(value, "__module__", "")).startswith(package)
            if defined and getattr(sys.modules[package], name, None) is not value:
                yield from _openings(sys.modules[path], name, f"{path}.{name}")


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
