"""Manifests as parsed TOML, remembered by modification time: a thousand katas must list in a blink."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from grader import paths
from grader.errors import BadManifest

Record = dict[str, Any]


def read(path: Path) -> Record:
    """The keys of one manifest."""
    import tomllib  # seldom: most are remembered

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadManifest(path, "not TOML", str(problem)) from None


def read_every(folder: Path) -> list[tuple[Path, Record]]:
    """Each `folder/<slug>/kata.toml` with its keys, in the order of the slugs."""
    cache = paths.home() / "cache" / "manifests.json"
    known = _load(cache)
    found: dict[str, Any] = {}
    for slug in slugs(folder):
        path = f"{folder}/{slug}/kata.toml"
        stamp = os.stat(path).st_mtime_ns
        entry = known.get(path)
        found[path] = entry if entry and entry[0] == stamp else [stamp, read(Path(path))]
    if found != known:
        _save(cache, found)
    return [(Path(path), record) for path, (_, record) in found.items()]


def slugs(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    return sorted(name for name in names if os.path.isfile(f"{folder}/{name}/kata.toml"))


def _load(cache: Path) -> dict[str, Any]:
    """What was remembered; a cache that cannot be read is no cache."""
    try:
        known = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _save(cache: Path, found: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time, nothing else
        cache.parent.mkdir(parents=True, exist_ok=True)
        fresh = cache.with_name(f"{cache.name}.{os.getpid()}")
        fresh.write_text(json.dumps(found), "utf-8")
        os.replace(fresh, cache)
