"""What the first lines of a wrong answer say: its name, its catchers, its question.  A leaf."""

import re
from dataclasses import dataclass
from pathlib import Path

from grader.verdict import Mistake


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A file of reference/<slug>/wrong/, with what its first lines say."""

    name: str
    title: str
    caught_by: tuple[str, ...]
    explained_by: tuple[str, ...]
    flavour: str
    path: Path

    @property
    def mistake(self) -> Mistake:
        return Mistake(self.name, self.title, self.explained_by)


class BadHeader(ValueError):
    """The first lines of a wrong answer do not say what they must."""


def read_wrong_answer(path: Path) -> WrongAnswer:
    # by hand: a judge reads fifty of them, and parsing whole files would take longer than a check
    opening, header, *_ = [*path.read_text("utf-8").split('"""', 2), ""]
    title, _, rest = (header if not opening.strip() else "").partition("\n")
    keys = dict(re.findall(r"^([a-z-]+): *(.+(?:\n +.+)*)$", rest, re.M))
    names = {key: tuple(re.split(r"[,\s]+", value.strip(" ,\n"))) for key, value in keys.items()}
    if not title or not names.get("caught-by") or not names.get("explained-by"):
        raise BadHeader(f"{path}: the docstring needs a title, caught-by: and explained-by:")
    return WrongAnswer(
        name=path.stem,
        title=title.strip().rstrip("."),
        caught_by=names["caught-by"],
        explained_by=names["explained-by"],
        flavour=names.get("flavour", ("torch",))[0],
        path=path,
    )
