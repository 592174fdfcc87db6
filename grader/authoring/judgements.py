"""reference/<slug>/mutants.toml: the mutants that no suite should catch, each with the reason why."""

import tomllib
from pathlib import Path

from grader.errors import BadManifest


def read(path: Path) -> dict[str, str]:
    """Reason by mutant; nothing where there is no file."""
    if not path.exists():
        return {}
    try:
        record = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadManifest(path, "not TOML", str(problem)) from None
    for key in record.keys() - {"equivalent"}:
        raise BadManifest(path, key, "is not a key of a list of mutants")
    reasons: dict[str, str] = {}
    for number, entry in enumerate(record.get("equivalent", []), 1):
        mutant, why = _entry(path, number, entry)
        if mutant in reasons:
            raise BadManifest(path, mutant, "is judged twice")
        reasons[mutant] = why
    return reasons


def _entry(path: Path, number: int, entry: object) -> tuple[str, str]:
    texts = entry.values() if isinstance(entry, dict) else ()
    if not isinstance(entry, dict) or entry.keys() != {"mutant", "why"}:
        raise BadManifest(
            path, f"equivalent {number}", "needs the keys mutant and why, and no other"
        )
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise BadManifest(path, f"equivalent {number}", "mutant and why must be texts")
    return entry["mutant"], entry["why"]
