"""The katas on disk: manifests parsed and validated once, at the edge."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import manifests, paths
from grader.errors import BadManifest, GraderError, KataNotFound

FLAVOURS = ("torch", "numpy")
DEVICES = ("cpu", "cuda", "mps")


@dataclass(frozen=True, slots=True)
class Limits:
    case_seconds: float = 5.0
    check_seconds: float = 60.0
    memory_mb: int = 2048


@dataclass(frozen=True, slots=True)
class Kata:
    slug: str
    title: str
    summary: str
    topic: str
    difficulty: int  # 1 to 5
    minutes: int
    exports: tuple[str, ...]
    flavours: tuple[str, ...]
    devices: tuple[str, ...]
    source: str
    requires: tuple[str, ...]
    forbidden: tuple[str, ...]
    limits: Limits
    folder: Path

    @property
    def reference(self) -> Path:
        return self.folder.parent.parent / "reference" / self.slug

    @property
    def suite(self) -> Path:
        return self.reference / f"test_{self.slug.replace('-', '_')}.py"

    def brief(self) -> str:
        return (self.folder / "brief.md").read_text("utf-8")

    def stub(self, flavour: str) -> str:
        return (self.folder / _flavoured("stub", flavour)).read_text("utf-8")

    def solution(self, flavour: str) -> Path:
        return self.reference / _flavoured("solution", flavour)

    def wrong_answers(self) -> list[Path]:
        return sorted((self.reference / "wrong").glob("*.py"))

    def check_flavour(self, flavour: str) -> str:
        if flavour not in self.flavours:
            raise GraderError(
                f"{self.slug} has no flavour {flavour!r}. It has: {', '.join(self.flavours)}.\n"
                f"Try: --flavour {self.flavours[0]}"
            )
        return flavour


def _flavoured(stem: str, flavour: str) -> str:
    return f"{stem}.py" if flavour == "torch" else f"{stem}_{flavour}.py"


def slugs() -> list[str]:
    return manifests.slugs(paths.katas())


def find(slug: str) -> Kata:
    known = slugs()
    if slug not in known:
        raise KataNotFound(slug, known)
    return load(paths.katas() / slug)


def every() -> list[Kata]:
    return [_Reader(path, record).kata() for path, record in manifests.read_every(paths.katas())]


def load(folder: Path) -> Kata:
    path = folder / "kata.toml"
    return _Reader(path, manifests.read(path)).kata()


class _Reader:
    """Takes each key once, checks it, and refuses what is left over."""

    def __init__(self, path: Path, record: dict[str, Any]) -> None:
        self.path = path
        self.record = dict(record)

    def kata(self) -> Kata:
        limits = self.take("limits", dict, {})
        kata = Kata(
            slug=self.path.parent.name,
            title=self.take("title", str),
            summary=self.take("summary", str),
            topic=self.take("topic", str),
            difficulty=self.number("difficulty", 1, 5),
            minutes=self.number("minutes", 1, 600),
            exports=self.names("exports"),
            flavours=self.choices("flavours", FLAVOURS),
            devices=self.choices("devices", DEVICES),
            source=self.take("source", str, ""),
            requires=self.names("requires", empty=True),
            forbidden=self.names("forbidden", empty=True),
            limits=_Reader(self.path, limits).limits(),
            folder=self.path.parent,
        )
        self.finish()
        return kata

    def limits(self) -> Limits:
        limits = Limits(
            case_seconds=float(self.number("case_seconds", 1, 3600, default=5)),
            check_seconds=float(self.number("check_seconds", 1, 36000, default=60)),
            memory_mb=self.number("memory_mb", 64, 1_000_000, default=2048),
        )
        self.finish()
        return limits

    def take(self, key: str, kind: type, default: Any = None) -> Any:
        if key not in self.record and default is not None:
            return default
        if key not in self.record:
            raise BadManifest(self.path, key, "is missing")
        value = self.record.pop(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadManifest(self.path, key, f"must be {_kind_name(kind)}, not {value!r}")
        return value

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value: int = self.take(key, int, default)
        if not low <= value <= high:
            raise BadManifest(self.path, key, f"must lie in {low} to {high}, not {value}")
        return value

    def names(self, key: str, *, empty: bool = False) -> tuple[str, ...]:
        values = self.take(key, list, [] if empty else None)
        if not all(isinstance(value, str) and value for value in values):
            raise BadManifest(self.path, key, f"must be a list of names, not {values!r}")
        if not values and not empty:
            raise BadManifest(self.path, key, "must name at least one")
        return tuple(values)

    def choices(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        values = self.names(key)
        for value in values:
            if value not in known:
                raise BadManifest(self.path, key, f"{value!r} is none of {', '.join(known)}")
        return values

    def finish(self) -> None:
        for key in self.record:
            raise BadManifest(self.path, key, "is not a key of a manifest")


def _kind_name(kind: type) -> str:
    return {str: "a text", int: "a whole number", list: "a list", dict: "a table"}[kind]
