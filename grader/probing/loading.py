"""Source text to a module, without the file system."""

import linecache
import sys
from functools import lru_cache
from types import CodeType, ModuleType
from typing import Any


class Source:
    """A compiled file that can be executed anew for each case, so that no case sees another's globals."""

    def __init__(self, name: str, text: str, filename: str) -> None:
        self.name = name
        self.filename = filename
        self.code = _compiled(text, filename)
        # tracebacks then show the learner's lines although the file cannot be read here
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)

    def execute(self) -> ModuleType:
        module = ModuleType(self.name)
        module.__file__ = self.filename
        sys.modules[self.name] = module  # dataclasses and typing look themselves up there
        exec(self.code, module.__dict__)
        return module


@lru_cache
def _compiled(text: str, filename: str) -> CodeType:
    code: CodeType = compile(text, filename, "exec", dont_inherit=True)
    return code


def line_of(filename: str) -> str:
    """'line 12: ', where the innermost frame of that file stands now; empty when there is none."""
    frame: Any = sys._getframe()
    while frame is not None and frame.f_code.co_filename != filename:
        frame = frame.f_back
    return f"line {frame.f_lineno}: " if frame is not None else ""
