"""kata history"""

import json
import time
from dataclasses import asdict

import click

from grader import catalogue, history, workspace
from grader.cli import options
from grader.errors import GraderError, KataNotFound
from grader.history import Line


@click.command("history", epilog="Example: kata history adam, then: kata history --restore 12")
@options.slug
@click.option("-n", "number", type=click.IntRange(1), default=20, help="How many, 20 by default.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--show", type=int, metavar="ID", help="A check in full, with the attempt as it was.")
@click.option("--restore", type=int, metavar="ID", help="Bring the attempt of this check back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def command(
    slug: str | None,
    number: int,
    everything: bool,
    show: int | None,
    restore: int | None,
    as_json: bool,
) -> None:
    """Show what was checked, newest first; each attempt can be brought back."""
    if restore is not None:
        _restore(restore)
    elif show is not None:
        _show(show, as_json=as_json)
    else:
        _list(slug, None if everything else number, as_json=as_json)


def _list(slug: str | None, limit: int | None, *, as_json: bool) -> None:
    lines = history.lines(slug, limit)
    if slug and not lines and slug not in catalogue.slugs():
        raise KataNotFound(slug, catalogue.slugs())
    if as_json:
        click.echo(json.dumps({"schema": 1, "checks": [asdict(line) for line in lines]}))
        return
    if not lines:
        click.echo(f"Nothing was checked yet. Start with: kata new {slug or 'adam'}")
        return
    width = max(len(line.kata) for line in lines)
    click.secho(f"{'id':>6}  {'when':<16}  {'kata':<{width}}  result", bold=True)
    for line in lines:
        click.echo(_row(line, width))
    total = history.total(slug)
    if len(lines) < total:
        every = f"kata history {slug}" if slug else "kata history"
        click.echo(f"\n{len(lines)} of {total}. All of them: {every} --all")
    click.echo(f"\nOne in full: kata history --show {lines[0].id}")


def _row(line: Line, width: int) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(line.at))
    words = f"{line.outcome} {line.passed}/{line.total}"
    colour = "green" if line.outcome == "passed" else "red"
    extra = " -k" if line.selected else ""
    extra += f" {line.flavour}" if line.flavour != "torch" else ""
    extra += f" {line.device}" if line.device != "cpu" else ""
    extra += f"  {line.mistake}" if line.mistake else ""
    room = max(80 - 6 - 2 - 16 - 2 - width - 2 - len(words), 0)
    extra = extra if len(extra) <= room else extra[: room - 1] + "…"
    return f"{line.id:>6}  {when}  {line.kata:<{width}}  {click.style(words, fg=colour)}{extra}"


def _show(number: int, *, as_json: bool) -> None:
    check = history.find(number)
    if as_json:
        record = {"id": check.id, "at": check.at, "attempt": check.attempt}
        texts = {"snapshot": check.snapshot, "verdict": check.verdict.to_json()}
        click.echo(json.dumps({"schema": 1, **record, **texts}))
        return
    from grader.render import terminal

    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(check.at))
    click.echo(f"Check {check.id} of {when}, {check.attempt}\n")
    if check.verdict.kata in catalogue.slugs():
        kata = catalogue.find(check.verdict.kata)
        terminal.show_verdict(kata, check.verdict, everything=True)
    else:
        click.echo(f"{check.verdict.kata} is no longer here; it was {check.verdict.outcome}.")
    click.echo()
    terminal.show_code(check.snapshot)
    click.echo(f"\nBring it back: kata history --restore {check.id}")


def _restore(number: int) -> None:
    check = history.find(number)
    if check.verdict.kata not in catalogue.slugs():
        raise GraderError(
            f"The kata {check.verdict.kata} is no longer here.\n"
            f"Its attempt can still be read: kata history --show {number}"
        )
    path = workspace.attempt_of(catalogue.find(check.verdict.kata), check.verdict.flavour)
    kept = workspace.restore(path, check.snapshot)
    history.note(check.verdict.kata, "restore", str(number))
    click.echo(f"Wrote {path} as it was at check {number}.")
    if kept:
        click.echo(f"The one that was there is kept: {kept}")
