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
    chosen = flavour or workspace.touched_last(kata)
    chosen = options.flavour_of(kata, chosen)
    if undo:
        path, kept = workspace.undo(kata, chosen)
        click.echo(f"Brought back {path}")
        if kept:
            click.echo(f"What was there is kept: {kept}")
        return
    path, kept = workspace.reset(kata, chosen)
    history.note(kata.slug, "reset")
    click.echo(f"Wrote {path}")
    if kept:
        back = f"kata reset {workspace.in_words(kata, chosen)} --undo"
        click.echo(f"The old one is kept: {kept}\nBring it back: {back}")
