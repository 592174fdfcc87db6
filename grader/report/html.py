"""The page: gathers pictures, code and texts, and has the template lay them out."""

import time
from pathlib import Path
from typing import Any

from grader import __version__, paths, templating
from grader.errors import GraderError
from grader.interview.debrief import Debrief, KataReport
from grader.interview.interview import Asked, clock
from grader.interview.rubric import points_of
from grader.questions import Question
from grader.report import charts, code, pictures
from grader.verdict import Case

TEMPLATE = "report.html.jinja"


def of_interview(debrief: Debrief) -> str:
    day = time.strftime("%d %B %Y, %H:%M", time.localtime(debrief.begun)).lstrip("0")
    return _page(
        title=f"Mock interview {debrief.number}",
        subtitle=f"{day} · {clock(debrief.used)} of {clock(debrief.seconds)} minutes",
        katas=[_kata(kata, timed=True) for kata in debrief.katas],
        debrief=debrief,
        asked=[_asked(asked) for asked in debrief.asked],
    )


def of_check(report: KataReport, device: str) -> str:
    state = "passed" if report.passed else "not passed"
    day = time.strftime("%d %B %Y, %H:%M").lstrip("0")
    return _page(
        title=f"{report.title}: {state}",
        subtitle=f"{report.kata} · {report.flavour} · {device} · {day}",
        katas=[_kata(report, timed=False)],
        debrief=None,
        asked=[],
    )


def write(path: Path, page: str) -> None:
    """The whole page or none of it."""
    try:
        with paths.replacing(path) as unfinished:
            unfinished.write_text(page, "utf-8", errors="replace")
    except OSError as problem:
        raise GraderError(
            f"{path} cannot be written: {problem.strerror}.\nName another file: --html FILE"
        ) from None


def _page(**fields: Any) -> str:
    return _printable(templating.render(TEMPLATE, version=__version__, clock=clock, **fields))


def _printable(page: str) -> str:
    """Without the control characters that an attempt may have printed."""
    return "".join(sign for sign in page if sign >= " " or sign in "\n\t")


def _kata(report: KataReport, *, timed: bool) -> dict[str, Any]:
    verdict = report.verdict
    cases = verdict.cases if verdict else ()
    alike = report.alike()
    greens = charts.greens(
        [(step.at, step.passed) for step in report.steps], len(cases), report.share
    )
    return {
        "report": report,
        "timed": timed,
        "levels": verdict.levels if verdict else {},
        "error": verdict.error if verdict else "",
        "failed": [_case(case) for case in cases if not case.passed and case not in alike],
        "alike": [_case(case) for case in alike],
        "passed": [case for case in cases if case.passed],
        "mistakes": verdict.diagnosis if verdict else (),
        "questions": [_question(question) for question in report.asked],
        "greens": greens,
        "attempt": code.highlight(report.attempt) if report.attempt else "",
        "solution": code.highlight(report.solution) if report.solution else "",
    }


def _case(case: Case) -> dict[str, Any]:
    picture, caption = pictures.of_case(case)
    return {
        "case": case,
        "values": [(name, str(case.details[name])) for name in ("input", "got", "want")
                   if case.details.get(name)],
        "picture": picture,
        "caption": caption,
    }  # fmt: skip


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "text": _markdown(" ".join(question.text.split()), inline=True),
        "answer": _markdown(question.answer),
        "points": [_markdown(point, inline=True) for point in question.points],
        "follow_up": _markdown(question.follow_up, inline=True),
    }


def _asked(asked: Asked) -> dict[str, Any]:
    made = points_of(asked)
    return {
        "asked": asked,
        "text": _markdown(asked.text, inline=True),
        "points": [
            (number in made, _markdown(point, inline=True))
            for number, point in enumerate(asked.points)
        ],
        "made": len(made),
        "suggested": asked.ticked is None and bool(asked.reply.strip()),
        "answer": _markdown(asked.answer),
    }


def _markdown(text: str, *, inline: bool = False) -> str:
    """Markdown as HTML, with neither raw HTML nor anything that would be fetched."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).disable(["link", "image", "autolink"])
    return str(reader.renderInline(text) if inline else reader.render(text))
