"""What the user can put right: what happened, where, and what to type next."""

from collections.abc import Iterable
from pathlib import Path


def did_you_mean(word: str, known: Iterable[str]) -> str:
    import difflib  # only when somebody mistyped

    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"Did you mean: {', '.join(close)}?\n" if close else ""


class GraderError(Exception):
    """A message for the user; anything else that escapes is a bug and keeps its traceback."""

    kind = "error"


class KataNotFound(GraderError):
    kind = "unknown-kata"

    def __init__(self, slug: str, known: Iterable[str]) -> None:
        super().__init__(
            f"No kata called {slug!r}.\n{did_you_mean(slug, known)}See them all with: kata list"
        )


class BadManifest(GraderError):
    kind = "bad-manifest"

    def __init__(self, path: Path, key: str, problem: str) -> None:
        super().__init__(f"{path}: {key}: {problem}\nMend the file, then: kata author check")


class BadAttempt(GraderError):
    """The attempt cannot be graded as it stands."""

    kind = "bad-attempt"


class AttemptExists(GraderError):
    kind = "attempt-exists"


class NoSuchDevice(GraderError):
    kind = "no-such-device"

    def __init__(self, device: str, there: list[str], origin: str = "", remedy: str = "") -> None:
        named = f" (from {origin})" if origin else ""
        first = f"{remedy}, or once: " if remedy else ""
        super().__init__(
            f"There is no device {device!r} here{named}. There is: {', '.join(there)}.\n"
            f"Try: {first}--device {there[-1]}"
        )


class WarmFailed(GraderError):
    """The warm process did not start or went away."""

    kind = "warm-failed"
