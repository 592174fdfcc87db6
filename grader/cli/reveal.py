"""kata reveal"""

import click

from grader import history, workspace
from grader.cli import options


@click.command("reveal", epilog="Example: kata reveal kv-cache")
@options.slug
@options.flavour
def command(slug: str | None, flavour: str | None) -> None:
    """Show our solution.  The history notes it."""
    from grader.interview import store
    from grader.render import terminal

    kata = options.kata_of(slug)
    store.no_help_with(kata.slug)
    chosen = options.flavour_of(kata, flavour)
    history.note(kata.slug, "reveal", chosen)
    terminal.show_code(kata.solution(chosen).read_text("utf-8"))
    again = f"kata reset {workspace.in_words(kata, chosen)}"
    click.echo(f"Noted in the history. Write it again from memory: {again}")
