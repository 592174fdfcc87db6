"""Keeps an attempt from the code that drives it: hidden modules, no threads, and an audit hook.

What is protected are the automatic checks (forbidden calls, cost, inputs left alone), which run in the
attempt's own process.  The solution is not in it: whoever gets past this learns no number.
"""

import _thread
import ctypes
import inspect
import logging
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

HIDDEN = ("grader", "msgspec")  # importing them again gives other objects, or nothing
THREAD_STARTERS = ("start_new_thread", "start_new", "start_joinable_thread")

# events that stand for hunting, whoever asks
_HUNTING = frozenset(
    {
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
        *("sys._current_frames", "sys._current_exceptions"),
        *("_thread.start_new_thread", "_thread.start_joinable_thread"),
    }
)
# events that libraries cause too: refused when the attempt itself asks
_LOOKING = frozenset({"sys._getframe", "sys.settrace", "sys.setprofile", "code.__new__"})
_FRAMES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
_WORDS = {"sys.settrace": " (for breakpoints: kata debug)"}


def shield(filename: str) -> None:
    """Before the attempt is loaded: hide this package, refuse threads, watch what is looked at."""
    for name in list(sys.modules):
        if name.partition(".")[0] in HIDDEN:
            del sys.modules[name]
    sys.modules["__main__"] = ModuleType("__main__")
    for module in (_thread, threading):
        for name in THREAD_STARTERS:
            for spelled in (name, f"_{name}"):
                if hasattr(module, spelled):
                    setattr(module, spelled, _no_thread)
    for name in ("cast", "memmove", "memset"):
        setattr(ctypes, name, _no_memory)  # the calls that cause no event
    sys.addaudithook(_hook(filename))


def _no_memory(*_arguments: Any) -> None:
    raise PermissionError("ctypes is refused in the sandbox")


def _no_thread(*_arguments: Any, **_more: Any) -> None:
    raise PermissionError("threads are refused in the sandbox")


def _hook(filename: str) -> Callable[[str, tuple[Any, ...]], None]:
    """A closure: nothing of it can be found in a module."""
    libraries = tuple(_roots())
    helpers = {inspect.__file__, traceback.__file__, logging.__file__}
    hunting, looking, frames, words, here = _HUNTING, _LOOKING, _FRAMES, _WORDS, sys._getframe

    def from_attempt(caller: FrameType | None) -> bool:
        """Is it the attempt that asks, directly or through a function that hands out frames?"""
        for _ in range(2):
            if caller is None:
                return False
            name = caller.f_code.co_filename
            if name == filename or not name.startswith(libraries):
                return True
            if name not in helpers:
                return False
            caller = caller.f_back
        return False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in hunting or event.startswith("ctypes."):
            raise PermissionError(f"{event} is refused in the sandbox")
        if event in looking:
            if event == "sys._getframe" and arguments[0].f_code is own:
                return  # the call below
        elif event == "compile":
            if not (type(arguments[1]) is str and arguments[1].startswith(libraries)):
                return  # only a claim to be a library is of interest
        elif event != "object.__getattr__" or arguments[1] not in frames:
            return
        if from_attempt(here().f_back):
            what = arguments[1] if event == "object.__getattr__" else event
            raise PermissionError(f"{what} is refused in the sandbox{words.get(event, '')}")

    own = hook.__code__
    return hook


def _roots() -> set[str]:
    """Where code that is no attempt comes from."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    package = __file__.rpartition("sandbox")[0]
    return {*paths, package, "<frozen ", "probes.py"}
