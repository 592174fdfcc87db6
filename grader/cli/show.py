"""kata show"""

import click

from grader.cli import options


@click.command("show", epilog="Example: kata show batchnorm")
@options.slug
def command(slug: str | None) -> None:
    """Show the brief of a kata."""
    from grader.render import terminal

    kata = options.kata_of(slug)
    terminal.show_markdown(kata.brief())
