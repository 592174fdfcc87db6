"""Which saves of an attempt count: every one that changed its text, once the dust has settled."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

DUST_SECONDS = 0.025  # since the last write: editors truncate, then write
DOUBT_SECONDS = 0.3  # an empty or missing file is mostly one that is being saved
STEP_MS = 10
LOOK_MS = 250  # some file systems (network, containers) report nothing, so look now and then


def saves(attempt: Path, stop: threading.Event | None = None) -> Iterator[bytes | None]:
    """The attempt's content as it stands, then each new one; None while there is no such file.

    Contents are compared, not times: a touch is no save, and one that keeps the time is.
    """
    seen = content(attempt)
    yield seen
    for _ in changes(attempt, stop):
        now = settled(attempt)
        if now != seen:
            seen = now
            yield now


def content(attempt: Path) -> bytes | None:
    try:
        return attempt.read_bytes()
    except OSError:
        return None


def settled(attempt: Path) -> bytes | None:
    """The content once nobody has written for a moment."""
    deadline = time.monotonic() + 1  # a file that never rests is taken as it is
    while (wait := DUST_SECONDS - _age(attempt)) > 0 and time.monotonic() < deadline:
        time.sleep(wait)
    now = content(attempt)
    doubted_until = time.monotonic() + DOUBT_SECONDS
    while not now and time.monotonic() < doubted_until:
        time.sleep(DUST_SECONDS / 2)
        now = content(attempt)
    return now


def _age(attempt: Path) -> float:
    """Seconds since the last write; a clock that differs from the file system's cannot hold us up."""
    try:
        age = time.time() - attempt.stat().st_mtime
    except OSError:
        return DUST_SECONDS
    return age if age >= 0 else DUST_SECONDS


def changes(attempt: Path, stop: threading.Event | None) -> Iterator[None]:
    """A sign of life in the attempt's folders, and four times a second anyway, until `stop` is set."""
    import watchfiles

    while stop is None or not stop.is_set():
        try:
            for _ in watchfiles.watch(
                *_folders(attempt),
                watch_filter=None,
                debounce=10 * STEP_MS,
                step=STEP_MS,
                stop_event=stop,
                rust_timeout=LOOK_MS,
                yield_on_timeout=True,
                recursive=False,
                poll_delay_ms=LOOK_MS,
            ):
                yield None
                if not attempt.parent.is_dir():
                    break  # what is watched is gone: watch the one that takes its place
        except (
            OSError,
            RuntimeError,
        ):  # no folder for the moment, or the system's watches are used up
            yield None
            (stop or threading.Event()).wait(LOOK_MS / 1000)


def _folders(attempt: Path) -> set[str]:
    """Folders, not the file: a save by rename puts another file in its place."""
    return {os.path.dirname(path) for path in (os.path.abspath(attempt), os.path.realpath(attempt))}
