"""The interview questions of a kata, parsed from its questions.md."""

import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import BadManifest

PARTS = ("Answer", "Key points", "Follow-up")


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    kata: str
    text: str
    answer: str
    points: tuple[str, ...]
    follow_up: str


def load(folder: Path) -> list[Question]:
    """The questions of the kata in `folder`, in the order of the file."""
    path = folder / "questions.md"
    sections = re.split(r"^## +", path.read_text("utf-8"), flags=re.M)[1:]
    return [_parse(path, section) for section in sections]


def _parse(path: Path, section: str) -> Question:
    name, _, body = section.partition("\n")
    name = name.strip()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise BadManifest(path, name, "an id is lower-case words joined by hyphens")
    text, *rest = re.split(r"^### +", body, flags=re.M)
    parts = {}
    for piece in rest:
        heading, _, content = piece.partition("\n")
        parts[heading.strip()] = content.strip()
    for part in PARTS:
        if not parts.get(part):
            raise BadManifest(path, name, f"has no section '### {part}'")
    points = re.findall(r"^- +(.+(?:\n  +.+)*)", parts["Key points"], flags=re.M)
    return Question(
        id=name,
        kata=path.parent.name,
        text=text.strip(),
        answer=parts["Answer"],
        points=tuple(" ".join(point.split()) for point in points),
        follow_up=parts["Follow-up"],
    )
