"""What an attempt prints goes to the output file, and nothing comes in.

An attempt holds the printer as `sys.stdout`, and through it the names of this module: so it imports nothing
of ours.
"""

import os
import sys
from typing import TextIO

MOST_PRINTED = 4 * 1024 * 1024  # bytes a case; beyond it the middle is thrown away
KEPT = 64 * 1024  # of the beginning and of the end then


class Printer:
    """Python's own prints, in the output file: an endless print costs little, and its last lines are
    there when it is killed."""

    def __init__(self) -> None:
        self.file: TextIO = sys.stdout

    def write(self, text: str) -> int:
        self.file.write(text)
        self.file.flush()
        if os.fstat(1).st_size > MOST_PRINTED:
            self.shorten()
        return len(text)

    def shorten(self) -> None:
        end = os.pread(1, KEPT, os.fstat(1).st_size - KEPT)
        os.ftruncate(1, KEPT)
        os.lseek(1, 0, os.SEEK_END)
        os.write(1, end)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


_printer = Printer()


def capture(output: int) -> None:
    """Prints of every kind go to the output file."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    _printer.file = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = _printer  # type: ignore[assignment, misc]
