"""kata new"""

import contextlib

import click

from grader import catalogue, editor, history, workspace
from grader.cli import options
from grader.errors import GraderError
from grader.warm import client


@click.command("new", epilog="Example: kata new kmeans --flavour numpy --edit")
@click.argument("slug", shell_complete=options.complete_slug)
@options.flavour
@click.option("--edit", is_flag=True, help="Open it in $VISUAL or $EDITOR.")
@click.option("--again", is_flag=True, help="Archive the attempt that is there and start again.")
@click.option(
    "--broken", is_flag=True, help="Start from a wrong answer: find the mistake, repair it."
)
def command(slug: str, flavour: str | None, edit: bool, again: bool, broken: bool) -> None:
    """Write a new attempt, the brief on top, to attempts/SLUG.py."""
    kata = catalogue.find(slug)
    chosen = options.flavour_of(kata, flavour)
    path = workspace.new(kata, chosen, again=again, broken=broken)
    history.note(kata.slug, "new", "broken" if broken else "")
    click.echo(f"Wrote {path}")
    with contextlib.suppress(GraderError):  # the first check will say it
        client.start()
    if broken:
        click.echo("It holds one mistake that people really make. Find it and repair it.")
    if edit:
        _edit(str(path))
    extra = f" --flavour {chosen}" if chosen != kata.flavours[0] else ""
    click.echo(f"Check it: kata check {kata.slug}{extra}")


def _edit(path: str) -> None:
    """An editor may end with a code on purpose, as vim does at :cq."""
    if code := editor.start(path).wait():
        name = editor.words()[0]
        click.echo(f"The editor {name!r} ended with code {code}. {editor.another()}", err=True)
