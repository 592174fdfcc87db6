"""Forbidden calls refused as they run.

Named doors (`torch.softmax`, `torch.nn.BatchNorm1d`) are replaced while an attempt runs; operators
(`aten._softmax`) are watched below them, where every other door ends.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fnmatch import fnmatchcase
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from grader.probing.scan import HARMLESS


class ForbiddenCall(RuntimeError):
    """A call that the kata forbids.  Once made, the case is refused, whatever the attempt catches."""


class Guard:
    """A context in which the forbidden calls raise; `refused` keeps the first one, with its line."""

    def __init__(self, forbidden: Sequence[str], filename: str) -> None:
        self.filename = filename
        self.refused = ""
        self.operators = {name for name in forbidden if name.startswith("aten.")}
        self.doors = _doors([name for name in forbidden if not name.startswith("aten.")])
        self.roots = _absent_roots(forbidden)
        self.watch = _OperatorWatch(self)
        self.stack = ExitStack()

    def __enter__(self) -> "Guard":
        self.stack = ExitStack()
        for owner, name, dotted in self.doors:
            self._replace(owner, name, self._refuser(dotted))
        if self.roots:
            finder = _Refusing(self.roots)
            sys.meta_path.insert(0, finder)
            self.stack.callback(sys.meta_path.remove, finder)
        if self.operators:
            self.stack.enter_context(self.watch)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def refuse(self, dotted: str) -> None:
        line = _line_of(self.filename)
        self.refused = self.refused or f"{line}{dotted}"
        raise ForbiddenCall(f"{dotted} is forbidden in this kata")

    def _refuser(self, dotted: str) -> Callable[..., Any]:
        def forbidden(*_args: Any, **_kwargs: Any) -> None:
            self.refuse(dotted)

        return forbidden

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        had = vars(owner).get(name)
        setattr(owner, name, value)
        if had is None:
            self.stack.callback(delattr, owner, name)
        else:
            self.stack.callback(setattr, owner, name, had)


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


def _doors(patterns: list[str]) -> list[tuple[Any, str, str]]:
    """(owner, attribute, dotted name) of everything to be replaced."""
    doors = []
    for pattern in patterns:
        prefix, _, last = pattern.rpartition(".")
        owner = _find(prefix)
        for name in [] if owner is None else dir(owner):
            if not fnmatchcase(name, last) or name in HARMLESS:
                continue
            if name.startswith("_") and not last.startswith("_"):
                continue
            doors += _openings(owner, name, f"{prefix}.{name}")
    return doors


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


def _line_of(filename: str) -> str:
    frame = sys._getframe()
    found: Any = frame
    while found is not None and found.f_code.co_filename != filename:
        found = found.f_back
    return f"line {found.f_lineno}: " if found is not None else ""
