"""Bare `kata`: where you are and what to do next."""

import click

from grader import catalogue, history, workspace


def show() -> None:
    states = history.states()
    total = len(catalogue.slugs())
    done = sum(state == "passed" for state in states.values())
    click.echo(f"{done} of {total} katas passed ({100 * done // total} %).")
    attempts = list(workspace.folder().glob("*.py"))
    if not attempts:
        click.echo("No attempt in this folder yet.\n")
        click.echo(
            "See the katas:  kata list\nStart one:      kata new adam\nAll commands:   kata --help"
        )
        return
    slug = workspace.last_touched()
    check = history.last_check(slug)
    if check is None:
        click.echo(f"You are working on {slug}.\n\nCheck it:  kata check {slug}")
    elif check.verdict.passed:
        click.echo(f"{slug} is passed.\n\nChoose the next one:  kata list")
    else:
        failed = sum(not case.passed for case in check.verdict.cases)
        click.echo(f"You are working on {slug}: {failed} cases to go at the last check.\n")
        click.echo(f"Check it:  kata check {slug}\nA hint:    kata hint {slug}")
    click.echo("All commands:  kata --help")
