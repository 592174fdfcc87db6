"""A check from the learner's file to the remembered verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import history, workspace
from grader.catalogue import Kata
from grader.errors import GraderError, NoSuchDevice
from grader.verdict import Conclusion, Verdict, verdict_from_json
from grader.warm import client

OnNews = Callable[[dict[str, Any]], None]


class NotRecorded(GraderError):
    """The attempt is graded, but the history could not be written: the verdict must not get lost too."""

    kind = "not-recorded"

    def __init__(self, verdict: Verdict, problem: GraderError) -> None:
        super().__init__(str(problem))
        self.verdict = verdict


def check_attempt(
    kata: Kata,
    attempt: Path,
    flavour: str,
    device: str,
    *,
    select: str = "",
    record: bool = True,
    on_news: OnNews | None = None,
) -> Verdict:
    """Grade the learner's current file and remember the result."""
    source = workspace.read(attempt)
    verdict = grade(kata, source, attempt, flavour, device, select=select, on_news=on_news)
    if record and verdict.outcome is not Conclusion.BROKEN:
        try:
            history.record(verdict, attempt, source)
        except GraderError as problem:
            raise NotRecorded(verdict, problem) from problem
    return verdict


def grade(
    kata: Kata,
    source: str,
    attempt: Path,
    flavour: str,
    device: str,
    *,
    select: str = "",
    on_news: OnNews | None = None,
) -> Verdict:
    """The verdict on a text, by the warm process or without one."""
    request = {
        "kata": kata.slug,
        "source": source,
        "filename": str(attempt.absolute()),
        "flavour": flavour,
        "device": device,
        "devices": list(kata.devices),
        "select": select,
        "check_seconds": kata.limits.check_seconds,
        "memory_mb": kata.limits.memory_mb,
    }
    news = client.grade(request, on_news)
    if news["event"] == "no-device":
        raise NoSuchDevice(device, news["there"])
    if news["event"] == "verdict":
        verdict = verdict_from_json(news["verdict"])
        if select and not verdict.cases:
            raise GraderError(
                f"No case of {kata.slug} matches -k {select!r}.\nTry: kata check {kata.slug}"
            )
        return verdict
    return Verdict(kata.slug, flavour, device, Conclusion.BROKEN, 0.0, error=news["error"])
