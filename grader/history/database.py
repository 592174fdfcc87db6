"""The one SQLite file: opened, brought up to date, and never overwritten when it is not ours to write."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from grader import paths
from grader.errors import GraderError
from grader.history import schema

PATIENCE = 30  # seconds to wait for another process that is writing
Connection = sqlite3.Connection  # for those who only name the type
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_view: ContextVar[sqlite3.Connection | None] = ContextVar("view", default=None)


class DamagedHistory(GraderError):
    """The file is not ours to write."""

    kind = "damaged-history"


class NewerHistory(DamagedHistory):
    kind = "newer-history"


class HistoryUnwritable(GraderError):
    """A full disk, a lock that is never given up, a folder that may not be written."""

    kind = "history-unwritable"


def file() -> Path:
    return paths.home() / "history.sqlite"


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """All of it or nothing, on disk when the block ends.  Makes the file when there is none."""
    yield from _transaction("BEGIN IMMEDIATE")


@contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """One consistent view of the history, for several questions; nothing is written."""
    yield from _transaction("BEGIN")


@contextmanager
def view() -> Iterator[None]:
    """Inside, all of `rows` see the same moment, over one connection."""
    if not file().exists() or _view.get() is not None:
        yield
        return
    with reading() as database:
        token = _view.set(database)
        try:
            yield
        finally:
            _view.reset(token)


def rows(query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What one question gives; nothing when there is no history yet."""
    if (shared := _view.get()) is not None:
        return shared.execute(query, values).fetchall()
    if not file().exists():
        return []
    with reading() as database:
        return database.execute(query, values).fetchall()


def _transaction(begin: str) -> Iterator[sqlite3.Connection]:
    path = file()
    inode = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_connect(path)) as database:
            inode = path.stat().st_ino
            _bring_up_to_date(database, path)
            database.execute(begin)
            try:
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")
    except sqlite3.DatabaseError as problem:
        _explain(problem, path, inode)
        raise
    except OSError as problem:
        if problem.filename not in (str(path.parent), str(path)):
            raise
        raise HistoryUnwritable(f"{path.parent} cannot be used: {problem.strerror}.") from None


def _connect(path: Path) -> sqlite3.Connection:
    # isolation_level None: a transaction begins where this module says, not before some statements
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)


def _bring_up_to_date(database: sqlite3.Connection, path: Path) -> None:
    if _version(database, path) == schema.VERSION:
        return
    with _alone():  # two first commands at once: one makes the file, the other finds it made
        version = _version(database, path)
        if version == schema.VERSION:
            return
        if version:
            _copy(database, path, version)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("BEGIN IMMEDIATE")
        try:
            schema.migrate(database, version)
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")


def _version(database: sqlite3.Connection, path: Path) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version > schema.VERSION:
        raise NewerHistory(
            f"{path} was written by a newer kata"
            f" (version {version}; this one knows {schema.VERSION}).\n"
            "Update this one: pip install --upgrade torch-katas"
        )
    return version


def _copy(database: sqlite3.Connection, path: Path, version: int) -> None:
    """The file as it was before a migration, kept beside it."""
    kept = path.with_name(f"{path.name}.version-{version}")
    if kept.exists():
        kept = kept.with_name(f"{kept.name}-{int(time.time())}")
    unfinished = kept.with_name(f"{kept.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as copy:
        database.backup(copy)
    os.replace(unfinished, kept)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time makes, migrates or sets aside the file."""
    with open(file().with_name("history.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _explain(problem: sqlite3.DatabaseError, path: Path, inode: int) -> None:
    """Turn what the user can act on into words; a mistake of ours keeps its traceback."""
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE:
        aside = _set_aside(path, inode)
        raise DamagedHistory(
            f"The history was damaged. It is kept as {aside}.\n"
            "Type the command again: it starts anew."
        ) from None
    if code in _DISK:
        raise HistoryUnwritable(
            f"{path} could not be written ({problem}): the disk is full or failing.\n"
            "What was recorded before is safe. Make room, then type the command again."
        ) from None
    if isinstance(problem, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
        raise HistoryUnwritable(
            f"{path}: {problem}.\n"
            "See who else uses it, and whether you may write there: kata doctor"
        ) from None


def _set_aside(path: Path, inode: int) -> Path:
    """Rename the damaged file, unless another process did and a fresh one stands there already."""
    aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
    with _alone():
        while aside.exists():
            aside = aside.with_name(f"{aside.name}x")
        if path.exists() and inode in (0, path.stat().st_ino):
            # the log first: a fresh file must never find the log of another one
            for ending in ("-wal", "-shm", ""):
                if path.with_name(path.name + ending).exists():
                    os.replace(f"{path}{ending}", f"{aside}{ending}")
    return aside
