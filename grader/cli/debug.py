"""kata debug"""

from pathlib import Path

import click

from grader import workspace
from grader.cli import options
from grader.cli.main import NOT_PASSED, PASSED


@click.command("debug", epilog="Example: kata debug adam -k epsilon")
@options.slug
@click.option("-k", "select", metavar="CASE", required=True, help="The cases that contain CASE.")
@click.option("--attempt", type=click.Path(path_type=Path), help="Run this file instead.")
@options.flavour
def command(slug: str | None, select: str, attempt: Path | None, flavour: str | None) -> int:
    """Run cases in this very process: put breakpoint() into your attempt.

    Records nothing, and nothing is limited: Ctrl-C ends an endless loop.
    """
    kata = options.kata_of(slug)
    if attempt is None:
        attempt, flavour = workspace.find(kata, flavour)
    workspace.read(attempt)
    from grader.judge import local
    from grader.render import terminal

    cases = local.run_here(kata, attempt, kata.check_flavour(flavour or kata.flavours[0]), select)
    terminal.show_cases(cases)
    return PASSED if all(case.passed for case in cases) else NOT_PASSED
