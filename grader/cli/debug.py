"""kata debug"""

import shutil
from pathlib import Path

import click

from grader import workspace
from grader.cli import options
from grader.cli.main import INTERRUPTED, NOT_PASSED, PASSED


@click.command("debug", epilog="Example: kata debug adam -k epsilon")
@options.slug
@click.option("-k", "select", metavar="CASE", required=True, help="The cases that contain CASE.")
@click.option("--attempt", type=click.Path(path_type=Path), help="Run this file instead.")
@options.flavour
def command(slug: str | None, select: str, attempt: Path | None, flavour: str | None) -> int:
    """Run cases in this very process: put breakpoint() into your attempt.

    Records nothing, and nothing is limited: q at the debugger's prompt, or Ctrl-C, ends it all.
    """
    kata = options.kata_of(slug)
    path, chosen = (attempt, flavour) if attempt else workspace.find(kata, flavour)
    workspace.read(path)
    from grader.judge import local
    from grader.render import terminal

    passed = []
    chosen = kata.check_flavour(chosen or kata.flavours[0])
    try:
        for case in local.run_here(kata, path, chosen, select, _begin):
            terminal.show_cases([case])
            passed.append(case.passed)
    except KeyboardInterrupt:
        click.echo("\nDebugging is over; nothing is recorded.", err=True)
        return INTERRUPTED
    click.echo(f"\n{sum(passed)} passed, {passed.count(False)} failed.")
    click.echo(f"Check it: {options.again(kata, attempt, flavour)}")
    return PASSED if all(passed) else NOT_PASSED


def _begin(claim: str) -> None:
    width = min(shutil.get_terminal_size().columns, 80)
    click.echo(click.wrap_text(f"running {claim}", width, subsequent_indent=" " * 8))
