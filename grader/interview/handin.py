"""The end of an interview: every attempt frozen as it stands, then graded once."""

from collections.abc import Callable
from pathlib import Path

from grader import catalogue, history, pipeline
from grader.errors import GraderError
from grader.interview.events import Kind
from grader.interview.interview import Ending, Interview, Part
from grader.interview.keeper import Keeper, first_line
from grader.verdict import Conclusion, Verdict


def freeze(keeper: Keeper, ending: Ending) -> None:
    """From here on no file counts any more."""
    if keeper.over:
        return
    texts = {part.kata: _final_text(keeper, part) for part in keeper.interview.parts if part.path}
    keeper.happen(Kind.ENDED, ending=ending.value, texts=texts)


def _final_text(keeper: Keeper, part: Part) -> str:
    """The attempt that counts: the file, unless it is gone or was changed after the end."""
    path = Path(part.path)
    text = text_of(path)
    if text is None:
        keeper.note(f"{path.name} was gone at the end: its last checked version counts.")
        return part.saved
    if _edited(path) > keeper.interview.deadline and text != part.saved:
        keeper.note(f"{path.name} was changed after the end: its last checked version counts.")
        return part.saved
    return text


def text_of(path: Path) -> str | None:
    """The text of an attempt; None where there is none to be had."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _edited(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def grade(keeper: Keeper, tell: Callable[[str], None]) -> None:
    """Grade what was handed in.  What was graded before a kill is not graded again."""
    for part in ungraded(keeper.interview):
        tell(f"Grading {part.kata} …")
        verdict = _graded(keeper, part)
        if verdict is not None:
            keeper.happen(Kind.GRADED, kata=part.kata, verdict=verdict.to_json())


def ungraded(interview: Interview) -> list[Part]:
    return [part for part in interview.parts if part.text is not None and part.verdict is None]


def _graded(keeper: Keeper, part: Part) -> Verdict | None:
    try:
        verdict = _last_check(keeper, part) or _new_check(keeper, part)
    except GraderError as problem:
        keeper.note(f"{part.kata} could not be graded: {first_line(problem)}")
        return None
    if verdict.outcome is Conclusion.BROKEN:
        keeper.note(f"{part.kata} could not be graded: {first_line(verdict.error)}")
        return None
    return verdict


def _last_check(keeper: Keeper, part: Part) -> Verdict | None:
    """The verdict of the interview's last check, where it is a whole one on the very text."""
    try:
        last = history.last_check(part.kata) if part.checks else None
    except GraderError:  # then it is graded once more
        return None
    if last is None or last.at < keeper.interview.begun or last.snapshot != part.text:
        return None
    whole = not last.verdict.selected and last.verdict.flavour == part.flavour
    return last.verdict if whole else None


def _new_check(keeper: Keeper, part: Part) -> Verdict:
    kata, path, text = catalogue.find(part.kata), Path(part.path), part.text or ""
    verdict = pipeline.grade(kata, text, path, part.flavour, keeper.interview.device)
    if verdict.outcome is not Conclusion.BROKEN:
        keeper.write(lambda: history.record(verdict, path, text))
    return verdict
