"""kata watch"""

import sys
from pathlib import Path

import click

from grader import pipeline, watching, workspace
from grader.catalogue import Kata
from grader.cli import fronts, options
from grader.errors import BadAttempt


@click.command("watch", epilog="Example: kata watch adam")
@options.slug
@options.device_option
@options.flavour
def command(slug: str | None, device: str | None, flavour: str | None) -> None:
    """Check an attempt each time it is saved, the whole picture in sight.

    Without SLUG: the attempt that was edited last.
    """
    kata = options.kata_of(slug)
    attempt, chosen = workspace.find(kata, flavour)
    if fronts.has_screen():
        from grader.screens.watch import Watch

        Watch(kata, attempt.absolute(), chosen, options.device(device)).run_to_the_end()
    else:
        _watch_in_lines(kata, attempt.absolute(), chosen, options.device(device))


def _watch_in_lines(kata: Kata, attempt: Path, flavour: str, device: str) -> None:
    """For a pipe or a plain terminal: one verdict a save, until it is interrupted."""
    from grader.render import terminal

    for _ in watching.saves(attempt):
        try:
            verdict = pipeline.check_attempt(kata, attempt, flavour, device)
        except BadAttempt as problem:
            click.echo(str(problem))
        except pipeline.NotRecorded as problem:
            terminal.show_verdict(kata, problem.verdict)
            click.echo(f"\nThis check is not in the history: {problem}")
        else:
            terminal.show_verdict(kata, verdict)
        click.echo(f"\nWatching {attempt}. Ctrl-C ends it.")
        sys.stdout.flush()
