"""kata hint"""

import re

import click

from grader import history
from grader.cli import options


@click.command("hint", epilog="Example: kata hint top-p")
@options.slug
def command(slug: str | None) -> None:
    """Show the next of three hints, from a nudge to nearly there."""
    from grader.render import terminal

    kata = options.kata_of(slug)
    hints = re.split(r"^## +\d.*\n", (kata.folder / "hints.md").read_text("utf-8"), flags=re.M)[1:]
    number = min(history.count(kata.slug, "hint") + 1, len(hints))
    history.note(kata.slug, "hint", str(number))
    terminal.show_markdown(f"**Hint {number} of {len(hints)}**\n\n{hints[number - 1].strip()}")
    if number == len(hints):
        click.echo(f"That was the last hint. The questions: kata explain {kata.slug}")
    else:
        click.echo(f"Another one: kata hint {kata.slug}")
