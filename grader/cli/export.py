"""kata export"""

from pathlib import Path

import click

from grader import paths
from grader.errors import GraderError
from grader.history import transfer


@click.command(
    "export", epilog="Example: kata export kata.jsonl, elsewhere: kata import kata.jsonl"
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def command(file: Path | None) -> None:
    """Write the whole history as JSON lines: checks, attempts, hints, reviews, interviews.

    Without FILE, to the terminal or a pipe.
    """
    if file is None or str(file) == "-":
        for line in transfer.dump():
            click.echo(line)
        return
    if file.exists():
        raise GraderError(f"{file} is there already.\nName another file, or delete it first.")
    try:
        with paths.replacing(file) as unfinished, open(unfinished, "w", encoding="utf-8") as stream:
            count = sum(1 for line in transfer.dump() if stream.write(f"{line}\n"))
    except OSError as problem:
        raise GraderError(
            f"{file} cannot be written: {problem.strerror}.\nName another file: kata export FILE"
        ) from None
    click.echo(f"Wrote {file}: {count} lines. Read it back with: kata import {file}")
