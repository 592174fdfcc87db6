"""Bare `kata`: where you are and what to do next."""

import time

import click

from grader import catalogue, history, schedule, workspace
from grader.interview import store
from grader.interview.interview import clock
from grader.schedule import Pick


def show() -> None:
    now = time.time()
    if interview := store.under_way():
        left = interview.left(now)
        words = f"{clock(left)} minutes left" if left > 0 else "its time is up"
        click.echo(f"Interview {interview.number} is open, {words}: kata mock --resume\n")
    states = history.states()
    slugs = catalogue.slugs()
    done = sum(states.get(slug) == "passed" for slug in slugs)
    click.echo(f"{done} of {len(slugs)} katas passed ({100 * done // max(len(slugs), 1)} %).")
    if not states and not list(workspace.folder().glob("*.py")):
        click.echo("No attempt in this folder yet.\n")
        click.echo(
            "See the katas:  kata list\nStart one:      kata new adam\nAll commands:   kata --help"
        )
        return
    picks = schedule.plan(now)
    if picks and picks[0].kind == "unfinished":
        _go_on(picks[0])
    elif picks:
        click.echo(
            f"Next: {picks[0].kata.slug} ({picks[0].why}).\n\nStart it:      kata next --start"
        )
    if questions := schedule.due_questions(now):
        click.echo(f"Questions due: {questions}, kata quiz")
    click.echo("All commands:  kata --help")


def _go_on(pick: Pick) -> None:
    slug = pick.kata.slug
    click.echo(f"You are working on {slug}: {pick.why}.\n")
    if not workspace.touched_last(pick.kata):
        return click.echo(f"Not in this folder. Start it here: kata new {slug}")
    click.echo(f"Check it:      kata check {slug}\nA hint:        kata hint {slug}")
