"""Source text to a module, without the file system."""

import linecache
import sys
from types import CodeType, ModuleType


class Source:
    """A compiled file that can be executed anew for each case, so that no case sees another's globals."""

    def __init__(self, name: str, text: str, filename: str) -> None:
        self.name = name
        self.filename = filename
        self.code: CodeType = compile(text, filename, "exec", dont_inherit=True)
        # tracebacks then show the learner's lines although the file cannot be read here
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)

    def execute(self) -> ModuleType:
        module = ModuleType(self.name)
        module.__file__ = self.filename
        sys.modules[self.name] = module  # dataclasses and typing look themselves up there
        exec(self.code, module.__dict__)
        return module
