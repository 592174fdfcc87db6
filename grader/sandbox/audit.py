"""Keeps an attempt from the code that drives it: hidden modules, no threads, and an audit hook.

What is protected are the automatic checks (forbidden calls, cost, inputs left alone), which run in the
attempt's own process.  The solution is not in it: whoever gets past this learns no number.
"""

import _thread
import ctypes
import sys
import threading
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from grader.probing import drive
from grader.probing.libraries import ROOTS

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
# events that libraries cause too, and the names by which one asks for itself
_LOOKING = {
    "sys._getframe": {"_getframe"},
    "sys.settrace": {"gettrace"},  # who also reads it, as doctest does, only puts it back
    "sys.setprofile": {"getprofile"},
    "code.__new__": {"CodeType", "replace"},
    "marshal.loads": {"loads"},
}
_FRAMES = {name: {name} for name in ("tb_frame", "gi_frame", "cr_frame", "ag_frame")}
# library functions that hand what they got on to whoever called them
_GIVERS = frozenset(
    {
        *("currentframe", "<lambda>", "stack", "trace", "getouterframes", "getinnerframes"),
        *("walk_tb", "walk_stack", "extended_frame_gen", "_walk_tb_with_full_positions"),
        *("get_stack", "_task_get_stack", "_compile_bytecode"),
    }
)
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
    """A closure: nothing of it can be found in a module, or changed through the builtins."""
    libraries, driver = ROOTS, drive.__file__
    hunting, looking, frames, givers = _HUNTING, _LOOKING, _FRAMES, _GIVERS
    words, here, genuine = _WORDS, sys._getframe, _genuine()
    starts, is_a, text = str.startswith, isinstance, str

    def for_attempt(caller: FrameType | None, names: set[str]) -> bool:
        """Does what is asked for come to the attempt?  A library that asks under one of these names
        keeps it, or is known to hand it on; one without such a name in its code was made to ask."""
        giver = ""
        while caller is not None:
            code = caller.f_code
            if code.co_filename == filename or not starts(code.co_filename, libraries):
                return True
            if code.co_filename == driver:
                return False
            asks = code.co_filename == giver or not names.isdisjoint(code.co_names)
            if asks and code.co_name not in givers:
                return False
            names, giver = ({code.co_name}, code.co_filename) if asks else ({""}, "")
            caller = caller.f_back
        return False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in hunting or starts(event, "ctypes."):
            raise PermissionError(f"{event} is refused in the sandbox")
        what = arguments[1] if event == "object.__getattr__" else event
        if event in looking:
            if event == "sys._getframe" and arguments[0].f_code is own:
                return  # the call below
            refused = for_attempt(here().f_back, looking[event])
        elif event == "object.__getattr__" and what in frames:
            refused = for_attempt(here().f_back, frames[what])
        elif event == "compile" and is_a(arguments[1], text):
            refused = starts(arguments[1], libraries) and not genuine(*arguments)
        else:
            return
        if refused:
            raise PermissionError(f"{what} is refused in the sandbox{words.get(event, '')}")

    own = hook.__code__
    return hook


def _genuine() -> Callable[[Any, str], bool]:
    """Is this the text of that file?  A loader passes it on as it read it."""
    opened, equal, contains = open, bytes.__eq__, str.__contains__

    def genuine(source: Any, path: str) -> bool:
        try:
            with opened(path, "rb") as file:
                return equal(file.read(), source) is True and not contains(path, "..")
        except OSError:
            return False

    return genuine
