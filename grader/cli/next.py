"""kata next"""

import json
import time

import click

from grader import history, schedule, workspace
from grader.cli import options
from grader.schedule import Pick

MORE = 3  # picks that are named after the first


@click.command("next", epilog="Example: kata next, or at once: kata next --start")
@options.topic
@click.option("--start", is_flag=True, help="Write a fresh attempt; one under way stays.")
@options.flavour
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def command(topic: str | None, start: bool, flavour: str | None, as_json: bool) -> None:
    """Say what to practise next, and why."""
    now = time.time()
    picks = schedule.plan(now, options.check_topic(topic))
    questions = schedule.due_questions(now)
    path = _start(picks[0], flavour) if start and picks else None
    if as_json:
        rows = [pick.to_json() for pick in picks]
        click.echo(json.dumps({"schema": 1, "next": rows, "questions_due": questions}))
        return
    if not picks:
        click.echo("There is no kata here. Make one: kata author new")
        return
    _first(picks[0], path)
    if picks[1:]:
        click.echo("\nAfter that:")
        width = max(len(pick.kata.slug) for pick in picks[1 : MORE + 1])
        for pick in picks[1 : MORE + 1]:
            click.echo(_cut(f"  {pick.kata.slug:<{width}}  {pick.why}"))
    if questions:
        click.echo(f"\n{questions} question{'s are' if questions > 1 else ' is'} due: kata quiz")


def _start(pick: Pick, flavour: str | None) -> str:
    """Where the attempt is to be written; one that is under way stays as it is."""
    chosen = options.flavour_of(pick.kata, flavour)
    path = workspace.attempt_of(pick.kata, chosen)
    if pick.kind != "unfinished" or not path.exists():
        path = workspace.new(pick.kata, chosen, again=True)
        history.note(pick.kata.slug, "new", "next")
    return str(path)


def _first(pick: Pick, path: str | None) -> None:
    kata = pick.kata
    click.secho(f"{kata.slug}: {kata.title}", bold=True)
    click.echo(f"{kata.topic}, difficulty {kata.difficulty} of 5, {kata.minutes} minutes")
    click.echo(f"Why: {pick.why}.\n")
    if path:
        click.echo(f"Write it in {path}\nCheck it:  kata check {kata.slug}")
    elif pick.kind == "unfinished" and workspace.touched_last(kata):
        click.echo(f"Go on with it, then:  kata check {kata.slug}")
    else:
        click.echo("Start it afresh:  kata next --start")


def _cut(line: str, width: int = 80) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
