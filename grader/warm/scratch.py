"""One folder for each check, which its supervisor deletes, or whoever comes after a killed one."""

import os
import shutil
import tempfile
from pathlib import Path


def new() -> Path:
    """A folder for one check, named after the process that will delete it."""
    sweep()
    return Path(tempfile.mkdtemp(prefix=f"check-{os.getpid()}-", dir=root()))


def sweep() -> None:
    """Delete what killed supervisors have left."""
    for left in root().glob("check-*"):
        owner = left.name.split("-")[1]
        if not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)


def root() -> Path:
    folder = Path(tempfile.gettempdir()) / f"kata-scratch-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
