"""What stands where something forbidden was.

An attempt can take a stand-in apart: its closure, its globals, its class.  So nothing is behind it but
`keep`, a generator's `send`, which tells the guard and gives nothing back.
"""

import sys
from collections.abc import Callable, Generator
from importlib.abc import MetaPathFinder
from typing import Any, NoReturn

Keep = Callable[[str], object]
_IMPORTERS = ("<frozen importlib.", f"{sys.modules['importlib'].__file__}")


class ForbiddenCall(RuntimeError):
    """A call that the kata forbids.  Once made, the case is refused, whatever the attempt catches."""


def sealed(keep: Keep) -> Keep:
    """The same, with no way from it to what it belongs to: a running generator hides its names."""

    def told() -> Generator[None, str, None]:
        while True:
            keep((yield))

    generator = told()
    next(generator)
    return generator.send


def refuser(keep: Keep) -> Callable[[str], NoReturn]:
    def refuse(dotted: str) -> NoReturn:
        keep(dotted)
        raise ForbiddenCall(f"{dotted} is forbidden in this kata")

    return refuse


def stand_in(dotted: str, refuse: Callable[[str], NoReturn]) -> Callable[..., Any]:
    def forbidden(*_args: Any, **_kwargs: Any) -> None:
        refuse(dotted)

    return forbidden


def stand_in_for(value: object, forbidden: Callable[..., Any]) -> Any:
    """A class for a class: torch may ask what is an instance of it."""
    if isinstance(value, type):
        return type(value.__name__, (), {"__new__": forbidden})
    return forbidden


def unchanged(saved: Any) -> Any:
    """What autograd saves is watched as it is read, not as it is saved."""
    return saved


class Refusing(MetaPathFinder):
    """Says no when the attempt imports a forbidden package; what a library looks for is its own affair."""

    def __init__(self, roots: set[str], filename: str) -> None:
        self.roots = roots
        self.filename = filename

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.partition(".")[0] in self.roots and _importer() == self.filename:
            raise ModuleNotFoundError(f"{fullname} is forbidden in this kata", name=fullname)


def _importer() -> str:
    """The file that an import stands in."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(_IMPORTERS):
        frame = frame.f_back
    return frame.f_code.co_filename if frame is not None else ""
