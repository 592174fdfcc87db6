"""kata watch"""

import os
import sys
from pathlib import Path

import click

from grader import pipeline, watching, workspace
from grader.catalogue import Kata
from grader.cli import options
from grader.errors import BadAttempt


@click.command("watch", epilog="Example: kata watch adam, beside your editor")
@options.slug
@click.option("--device", metavar="D", help="auto, cpu, cuda, cuda:N or mps.  [env: KATA_DEVICE]")
@options.flavour
def command(slug: str | None, device: str | None, flavour: str | None) -> None:
    """Check an attempt each time it is saved, the whole picture in sight.

    Without SLUG: the attempt that was edited last.
    """
    kata = options.kata_of(slug)
    attempt, chosen = workspace.find(kata, flavour)
    if _is_screen():
        from grader.screens import watch

        watch.run(kata, attempt.absolute(), chosen, options.device(device))
    else:
        _watch_in_lines(kata, attempt.absolute(), chosen, options.device(device))


def _is_screen() -> bool:
    both = sys.stdin.isatty() and sys.stdout.isatty()
    return both and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")


def _watch_in_lines(kata: Kata, attempt: Path, flavour: str, device: str) -> None:
    """For a pipe or a plain terminal: one verdict a save, until it is interrupted."""
    from grader.render import terminal

    for _ in watching.saves(attempt):
        try:
            verdict = pipeline.check_attempt(kata, attempt, flavour, device)
        except BadAttempt as problem:
            click.echo(str(problem))
        else:
            terminal.show_verdict(kata, verdict)
        click.echo(f"\nWatching {attempt}. Ctrl-C ends it.")
        sys.stdout.flush()
