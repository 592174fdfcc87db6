"""kata import"""

from typing import TextIO

import click

from grader import cards
from grader.errors import GraderError
from grader.history import transfer


@click.command("import", epilog="Example: kata import kata.jsonl")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="strict"))
def command(file: TextIO) -> None:
    """Read an export back.  What is in the history already is not doubled.

    FILE may be - for standard input.
    """
    try:
        new = transfer.load(file, cards.refresh)
    except UnicodeDecodeError:
        raise GraderError(
            f"{file.name} is not UTF-8, so no export.\nNothing was imported."
        ) from None
    if not any(new.values()):
        click.echo("Nothing new: all of it was in the history already.")
        return
    words = [f"{count} {kind.replace('_', ' ')}s" for kind, count in new.items() if count]
    click.echo(f"Imported {', '.join(words)}.\nSee them: kata history")
