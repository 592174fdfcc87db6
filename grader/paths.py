"""Where everything lies on disk: the content, the learner's data, the warm process's folder."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def data_root() -> Path:
    """The folder that holds katas/, reference/ and templates/: a checkout, or an installed share folder."""
    for candidate in _candidates():
        if (candidate / "katas").is_dir():
            return candidate.resolve()
    raise FileNotFoundError("the folder katas/ is missing: install torch-katas again")


def _candidates() -> Iterator[Path]:
    if "KATA_DATA" in os.environ:
        yield Path(os.environ["KATA_DATA"])
    yield PACKAGE.parent
    import sysconfig  # it takes its time, and a checkout does not need it

    share = Path("share") / "torch-katas"
    yield PACKAGE.parent / share  # pip install --target
    yield Path(sysconfig.get_path("data")) / share
    yield Path(sysconfig.get_path("data", f"{os.name}_user")) / share


def katas() -> Path:
    return data_root() / "katas"


def reference() -> Path:
    return data_root() / "reference"


def templates() -> Path:
    return data_root() / "templates"


def home() -> Path:
    """Everything that the learner made, apart from the attempts themselves."""
    if configured := os.environ.get("KATA_HOME"):
        return Path(configured).expanduser()
    import platformdirs  # only here: it is not needed when KATA_HOME is set

    return Path(platformdirs.user_data_dir("kata"))


def warm_folder() -> Path:
    """Private to one user, one Python and one copy of this package."""
    import zlib  # only here: `kata list` does not need it

    runtime = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"
    key = zlib.crc32(f"{sys.prefix}\0{PACKAGE}\0{data_root()}".encode())  # short: a socket's path
    return Path(runtime) / f"kata-{os.getuid()}" / f"{key:08x}"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write, which takes the place of `path` once it is whole; none is left over."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        with contextlib.suppress(OSError):  # it took its place, or nothing could be written
            unfinished.unlink()


def make_private(folder: Path) -> None:
    """A folder and its parent for this user alone; PermissionError when they are somebody else's."""
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
        # lstat: in a shared /tmp somebody may have put a link there
        if each.lstat().st_uid != os.getuid() or each.is_symlink():
            raise PermissionError(f"{each} belongs to somebody else")
        each.chmod(0o700)
