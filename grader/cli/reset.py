"""kata reset"""

import click

from grader import history, workspace
from grader.cli import options


@click.command("reset", epilog="Example: kata reset adam, and back again: kata reset adam --undo")
@options.slug
@options.flavour
@click.option("--undo", is_flag=True, help="Bring the attempt back that was archived last.")
def command(slug: str | None, flavour: str | None, undo: bool) -> None:
    """Start an attempt again.  The old one is archived, never deleted."""
    kata = options.kata_of(slug)
    chosen = options.flavour_of(kata, flavour)
    if undo:
        click.echo(f"Brought back {workspace.undo(kata, chosen)}")
        return
    path, kept = workspace.reset(kata, chosen)
    history.note(kata.slug, "reset")
    click.echo(f"Wrote {path}")
    if kept:
        click.echo(f"The old one is kept: {kept}\nBring it back: kata reset {kata.slug} --undo")
