"""kata hint"""

import click

from grader import hints
from grader.cli import options


@click.command("hint", epilog="Example: kata hint top-p")
@options.slug
def command(slug: str | None) -> None:
    """Show the next of three hints, from a nudge to nearly there."""
    from grader.interview import store
    from grader.render import terminal

    kata = options.kata_of(slug)
    store.no_help_with(kata.slug)
    known = hints.load(kata)
    number = hints.take(kata)
    terminal.show_markdown(f"**Hint {number} of {len(known)}**\n\n{known[number - 1]}")
    if number == len(known):
        click.echo(f"That was the last hint. The questions: kata explain {kata.slug}")
    else:
        click.echo(f"Another one: kata hint {kata.slug}")
