"""A new kata on disk: a small example that works, with TODO wherever an author has to write."""

import re
from pathlib import Path

from grader import paths, templating
from grader.errors import GraderError

# template -> where it goes; {name} is the slug as a Python name
FILES = {
    "kata.toml": "katas/{slug}/kata.toml",
    "brief.md": "katas/{slug}/brief.md",
    "stub.py": "katas/{slug}/stub.py",
    "probes.py": "katas/{slug}/probes.py",
    "hints.md": "katas/{slug}/hints.md",
    "questions.md": "katas/{slug}/questions.md",
    "solution.py": "reference/{slug}/solution.py",
    "suite.py": "reference/{slug}/test_{name}.py",
    "mutants.toml": "reference/{slug}/mutants.toml",
    "wrong.py": "reference/{slug}/wrong/columns_instead_of_rows.py",
}


def new(slug: str) -> list[Path]:
    """Write a kata's two folders, never into one that is there; returns the files."""
    _check(slug)
    fields = {"slug": slug, "title": slug.replace("-", " ").capitalize()}
    name = slug.replace("-", "_")
    texts = {
        paths.data_root() / target.format(slug=slug, name=name): templating.render(
            f"kata/{template}.jinja", **fields
        )
        for template, target in FILES.items()
    }
    for path, text in texts.items():
        _write(path, text)
    return list(texts)


def _check(slug: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", slug):
        raise GraderError(
            f"{slug!r} is no name for a kata: lower-case words joined by hyphens.\n"
            "Like this: kata author new layer-norm"
        )
    for folder in (paths.katas() / slug, paths.reference() / slug):
        if folder.exists():
            raise GraderError(
                f"{folder} is there already; nothing was written.\n"
                f"See how far it is: kata author check {slug}"
            )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as problem:
        raise GraderError(
            f"{path} cannot be written: {problem.strerror}.\n"
            "Katas are written in a checkout: git clone it, or name one with KATA_DATA=DIR."
        ) from None
