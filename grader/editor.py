"""The learner's own editor: which command it is, and starting it on a file."""

import shlex
import shutil
import subprocess

from grader import config
from grader.errors import GraderError

USUAL = ("sensible-editor", "vim", "nano")  # the first that is here, where none is named


def start(path: str) -> subprocess.Popen[bytes]:
    """Open a file on this very terminal; the caller waits for the end."""
    command = words()
    try:
        return subprocess.Popen([*command, path])
    except OSError as problem:
        raise GraderError(
            f"The editor {command[0]!r} cannot be started: {problem.strerror}.\n{another()}"
        ) from None


def words() -> list[str]:
    """The command and its arguments."""
    command = config.editor() or next(filter(shutil.which, USUAL), "vi")
    try:
        found = shlex.split(command)
    except ValueError:  # a quote that is never closed
        found = []
    if not found:
        raise GraderError(f"The editor {command!r} is no command.\n{another()}")
    return found


def another() -> str:
    """What to type for another editor; a variable would beat the setting."""
    origin = config.lookup("editor").origin
    first = f"unset {origin}; " if origin in config.find("editor").environment else ""
    return f"Name another: {first}kata config set editor vim"
