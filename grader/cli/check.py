"""kata check"""

import json
from pathlib import Path

import click

from grader import catalogue, history, pipeline, workspace
from grader.catalogue import Kata
from grader.cli import options
from grader.cli.main import BROKEN, NOT_PASSED, PASSED, USER_ERROR
from grader.verdict import Conclusion, Verdict


@click.command("check", epilog="Example: kata check adam --device cuda")
@options.slug
@click.option("--attempt", type=click.Path(path_type=Path), help="Check this file instead.")
@click.option("--device", metavar="D", help="auto, cpu, cuda, cuda:N or mps.  [env: KATA_DEVICE]")
@options.flavour
@click.option("-k", "select", metavar="TEXT", default="", help="Only the cases that contain TEXT.")
@click.option("--all", "everything", is_flag=True, help="Show each failed case in full.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--no-record", is_flag=True, help="Leave no trace in the history.")
def command(
    slug: str | None,
    attempt: Path | None,
    device: str | None,
    flavour: str | None,
    select: str,
    everything: bool,
    as_json: bool,
    no_record: bool,
) -> int:
    """Grade an attempt with the hidden suite, and name the mistake.

    Without SLUG: the attempt that was edited last.
    """
    kata = options.kata_of(slug)
    if attempt is None:
        attempt, flavour = workspace.find(kata, flavour)
    flavour = flavour or workspace.flavour_of(kata, workspace.read(attempt))
    verdict = pipeline.check_attempt(
        kata,
        attempt,
        kata.check_flavour(flavour),
        options.device(device),
        select=select,
        record=not no_record,
    )
    if as_json:
        click.echo(json.dumps(verdict.to_json()))
    else:
        _print(kata, verdict, everything=everything)
    return exit_code(verdict)


def exit_code(verdict: Verdict) -> int:
    if verdict.outcome is Conclusion.BROKEN:
        return BROKEN
    if verdict.passed:
        return PASSED
    return USER_ERROR if verdict.error else NOT_PASSED


def _print(kata: Kata, verdict: Verdict, *, everything: bool) -> None:
    from grader.render import terminal

    terminal.show_verdict(kata, verdict, everything=everything)
    if verdict.passed and not verdict.selected:
        states = history.states() | {kata.slug: "passed"}
        done = sum(state == "passed" for state in states.values())
        total = len(catalogue.slugs())
        click.echo(f"{done} of {total} katas passed ({100 * done // total} %).")
