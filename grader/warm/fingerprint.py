"""What a warm process and its spare checks were made from: when any of it changes, they are out of date."""

import os
import sys
from importlib import util

from grader import __version__, paths


def fingerprint() -> str:
    """Changes with Python, torch, numpy, pytest, this package's version and each of its files."""
    parts = [sys.version, sys.prefix, __version__, str(paths.data_root())]
    parts += [_library(name) for name in ("torch", "numpy", "pytest")]
    for folder, _, files in sorted(os.walk(paths.PACKAGE)):
        if any(file.endswith(".py") for file in files):
            parts.append(f"{folder} {_files(folder)}")
    return "\n".join(parts)


def content(slug: str) -> str:
    """Changes with a kata: its manifest, probes, suite and solution.  Nothing is opened."""
    return _files(str(paths.katas() / slug)) + _files(str(paths.reference() / slug))


def _files(folder: str) -> str:
    """The Python files and manifests of one folder, with the moment when each was written."""
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if entry.name.endswith((".py", ".toml"))]
        return " ".join(sorted(f"{entry.name}:{entry.stat().st_mtime_ns}" for entry in kept))


def _library(name: str) -> str:
    """Where it is and when it was installed; it is not imported."""
    spec = util.find_spec(name)
    if spec is None or spec.origin is None:
        return f"no {name}"
    return f"{spec.origin}:{os.stat(spec.origin).st_mtime_ns}"
