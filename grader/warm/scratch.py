"""One folder for each check, which its supervisor deletes, or whoever comes after a killed one."""

import contextlib
import itertools
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

_ALL = 0o700


def new() -> Path:
    """A folder for one check, named after the process that will delete it."""
    sweep()
    return Path(tempfile.mkdtemp(prefix=f"check-{os.getpid()}-", dir=root()))


def sweep() -> None:
    """Delete what killed supervisors have left."""
    for left in root().glob("check-*"):
        owner = left.name.split("-")[1]
        if not Path("/proc", owner).exists():
            remove(left)


def remove(folder: Path) -> None:
    """Delete a folder whatever an attempt made of it: nested without end, or closed to its owner.

    Folders inside are moved up before they are emptied, so that no path grows and nothing recurses.
    """
    with contextlib.suppress(OSError):  # what cannot be deleted stays, and hinders nobody
        os.chmod(folder, _ALL)
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            new_names = (f"{secrets.token_hex(8)}-{number}" for number in itertools.count())
            while names := os.listdir(top):
                for name in names:
                    if not _unlinked(name, top):
                        _emptied(name, top, new_names)
        finally:
            os.close(top)
        os.rmdir(folder)


def _unlinked(name: str, parent: int) -> bool:
    """Delete a file or a link; False when it is a folder, which is then open to its owner."""
    try:
        os.unlink(name, dir_fd=parent)
    except (IsADirectoryError, PermissionError):  # the latter on macOS
        os.chmod(name, _ALL, dir_fd=parent)
        return False
    return True


def _emptied(name: str, top: int, new_names: Iterator[str]) -> None:
    """Delete a folder, once the folders in it stand beside it."""
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for inner in os.listdir(folder):
            if not _unlinked(inner, folder):
                os.rename(inner, next(new_names), src_dir_fd=folder, dst_dir_fd=top)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def root() -> Path:
    folder = Path(tempfile.gettempdir()) / f"kata-scratch-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
