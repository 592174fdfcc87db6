"""kata list"""

import json

import click

from grader import catalogue, history, workspace
from grader.cli import options

STATES = {"passed": "passed", "tried": "tried", "": ""}


@click.command("list", epilog="Example: kata list --topic attention")
@options.topic
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def command(topic: str | None, as_json: bool) -> None:
    """List the katas, and how far you are with each."""
    katas = [kata for kata in catalogue.every() if topic in (None, kata.topic)]
    states = history.states()
    if as_json:
        rows = [
            {
                "kata": kata.slug,
                "title": kata.title,
                "topic": kata.topic,
                "difficulty": kata.difficulty,
                "minutes": kata.minutes,
                "flavours": list(kata.flavours),
                "state": states.get(kata.slug, ""),
            }
            for kata in katas
        ]
        click.echo(json.dumps({"schema": 1, "katas": rows}))
        return
    if not katas:
        topics = ", ".join(sorted({kata.topic for kata in catalogue.every()}))
        raise click.UsageError(f"No topic called {topic!r}. There is: {topics}.")
    width = max(len(kata.slug) for kata in katas) + 2
    for group in sorted({kata.topic for kata in katas}):
        click.secho(group, bold=True)
        for kata in katas:
            if kata.topic == group:
                click.echo(_row(kata, width, states.get(kata.slug, "")))
    done = sum(states.get(kata.slug) == "passed" for kata in katas)
    click.echo(f"\n{done} of {len(katas)} passed.{_start_one(katas, states)}")


def _row(kata: catalogue.Kata, width: int, state: str) -> str:
    room = 80 - 2 - width - 20
    summary = kata.summary if len(kata.summary) <= room else kata.summary[: room - 1] + "…"
    level = "•" * kata.difficulty + "·" * (5 - kata.difficulty)
    colour = {"passed": "green", "tried": "yellow"}.get(state)
    mark = click.style(f"{state:<7}", fg=colour) if colour else f"{state:<7}"
    return f"  {kata.slug:<{width}}{summary:<{room}} {level} {kata.minutes:>3}m {mark}".rstrip()


def _start_one(katas: list[catalogue.Kata], states: dict[str, str]) -> str:
    """The easiest that was not begun yet, if there is one."""
    new = [kata for kata in katas if kata.slug not in states and not workspace.touched_last(kata)]
    if not new:
        return ""
    return f" Start one: kata new {min(new, key=lambda kata: kata.difficulty).slug}"
