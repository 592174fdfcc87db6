"""kata check"""

import json
from pathlib import Path

import click

from grader import catalogue, pipeline, workspace
from grader.catalogue import Kata
from grader.cli import options
from grader.cli.main import BROKEN, NOT_PASSED, PASSED, USER_ERROR
from grader.errors import GraderError
from grader.verdict import Conclusion, Verdict


@click.command("check", epilog="Example: kata check adam --device cuda")
@options.slug
@click.option("--attempt", type=click.Path(path_type=Path), help="Check this file instead.")
@options.device_option
@options.flavour
@click.option("-k", "select", metavar="TEXT", default="", help="Only the cases that contain TEXT.")
@click.option("--all", "everything", is_flag=True, help="Show each failed case in full.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Also as a page.")
@click.option("--no-record", is_flag=True, help="Leave no trace in the history.")
def command(
    slug: str | None,
    attempt: Path | None,
    device: str | None,
    flavour: str | None,
    select: str,
    everything: bool,
    as_json: bool,
    html: Path | None,
    no_record: bool,
) -> int:
    """Grade an attempt with the hidden suite, and name the mistake.

    Without SLUG: the attempt that was edited last.
    """
    kata = options.kata_of(_slug_of(attempt) if attempt and not slug else slug)
    again = options.again(kata, attempt, flavour, select)
    if attempt is None:
        attempt, flavour = workspace.find(kata, flavour)
    source = workspace.read(attempt)
    flavour = flavour or workspace.flavour_of(kata, source)
    flavour = kata.check_flavour(flavour)
    check = pipeline.Check(kata, source, attempt, flavour, options.device(device), select)
    if as_json:
        verdict = check.verdict()
    else:
        from grader.cli.progress import Progress
        from grader.render import terminal  # noqa: F401  (imported while the attempt is graded)

        with Progress() as progress:
            verdict = check.verdict(progress.heed)
    unrecorded: pipeline.NotRecorded | None = None
    try:
        if not no_record:
            check.record(verdict)
    except pipeline.NotRecorded as problem:
        unrecorded = problem
    if html is not None and verdict.outcome is not Conclusion.BROKEN:
        _write_page(kata, verdict, source, html)
    if as_json:
        click.echo(json.dumps(verdict.to_json()))
    else:
        _print(kata, verdict, again, everything=everything)
        if verdict.passed and not verdict.selected and not no_record and not unrecorded:
            _print_progress()
    if unrecorded:
        click.echo(f"\nThis check is not in the history: {unrecorded}", err=True)
    return exit_code(verdict)


def exit_code(verdict: Verdict) -> int:
    if verdict.outcome is Conclusion.BROKEN:
        return BROKEN
    if verdict.passed:
        return PASSED
    return USER_ERROR if verdict.error else NOT_PASSED


def _write_page(kata: Kata, verdict: Verdict, source: str, path: Path) -> None:
    from grader.interview import debrief
    from grader.report import html

    html.write(path, html.of_check(debrief.of_check(kata, verdict, source), verdict.device))
    click.echo(f"Wrote {path}", err=True)


def _slug_of(attempt: Path) -> str:
    """The kata that a file is named after: a guess would be noted in another kata's history."""
    slug = workspace.slug_of(attempt)
    if slug not in catalogue.slugs():
        raise GraderError(
            f"Which kata is {attempt} an attempt at?\nTry: kata check SLUG --attempt {attempt}"
        )
    return slug


def _print(kata: Kata, verdict: Verdict, again: str, *, everything: bool) -> None:
    from grader.render import terminal

    terminal.show_verdict(kata, verdict, everything=everything, again=again)


def _print_progress() -> None:
    from grader import history

    done = sum(state == "passed" for state in history.states().values())
    total = len(catalogue.slugs())
    click.echo(f"{done} of {total} katas passed ({100 * done // total} %).")
