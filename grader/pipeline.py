"""A check from the learner's file to the remembered verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import config, workspace
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.verdict import Conclusion, Verdict, verdict_from_json
from grader.warm import client

OnNews = Callable[[dict[str, Any]], None]


class NotRecorded(GraderError):
    """The attempt is graded, but the history could not be written: the verdict must not get lost too."""

    kind = "not-recorded"

    def __init__(self, verdict: Verdict, problem: GraderError) -> None:
        super().__init__(str(problem))
        self.verdict = verdict


class Check:
    """One text on its way to a verdict; it is being graded from the moment when this is made."""

    def __init__(
        self, kata: Kata, source: str, attempt: Path, flavour: str, device: str, select: str = ""
    ) -> None:
        self.kata = kata
        self.source = source
        self.attempt = attempt
        self.flavour = flavour
        self.device = device
        self.select = select
        self.grading = client.Grading(
            {
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
        )

    def verdict(self, on_news: OnNews | None = None) -> Verdict:
        """Wait for it, by the warm process or without one."""
        news = self.grading.end(on_news)
        if news["event"] == "no-device":
            raise config.no_device(self.device, news["there"])
        if news["event"] == "broken":
            broken = Conclusion.BROKEN
            return Verdict(
                self.kata.slug, self.flavour, self.device, broken, 0.0, error=news["error"]
            )
        verdict = verdict_from_json(news["verdict"])
        if self.select and not verdict.cases:
            raise GraderError(
                f"No case of {self.kata.slug} matches -k {self.select!r}.\n"
                f"Try: kata check {self.kata.slug}"
            )
        return verdict

    def record(self, verdict: Verdict) -> None:
        """Remember it with its text; what is broken says nothing about the attempt."""
        from grader import history  # not before the attempt is on its way

        if verdict.outcome is Conclusion.BROKEN:
            return
        try:
            history.record(verdict, self.attempt, self.source)
        except GraderError as problem:
            raise NotRecorded(verdict, problem) from problem


def check_attempt(
    kata: Kata, attempt: Path, flavour: str, device: str, on_news: OnNews | None = None
) -> Verdict:
    """Grade the learner's current file and remember the result."""
    check = Check(kata, workspace.read(attempt), attempt, flavour, device)
    verdict = check.verdict(on_news)
    check.record(verdict)
    return verdict


def grade(
    kata: Kata,
    source: str,
    attempt: Path,
    flavour: str,
    device: str,
    on_news: OnNews | None = None,
) -> Verdict:
    """The verdict on a text; nothing is remembered."""
    return Check(kata, source, attempt, flavour, device).verdict(on_news)
