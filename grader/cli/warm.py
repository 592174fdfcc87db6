"""kata warm"""

import os
import time

import click

from grader.cli.main import Commands
from grader.warm import client


@click.group("warm", cls=Commands, epilog="Example: kata warm status")
def command() -> None:
    """Show or end the warm process that makes checks fast."""


@command.command("status", epilog="Example: kata warm status")
def status() -> None:
    """Say whether it runs, since when, and how much memory it takes."""
    facts = client.facts()
    if facts is None:
        click.echo("No warm process. The next check starts it.")
        return
    minutes = (time.time() - facts["since"]) / 60
    click.echo(
        f"Running as process {facts['pid']} for {minutes:.0f} minutes, {memory(facts['pid'])}."
    )
    for spare in facts["spares"]:
        click.echo(f"The next check of {spare['kata']} stands by: process {spare['pid']}.")


@command.command("stop", epilog="Example: kata warm stop")
def stop() -> None:
    """End it.  The next check starts a new one."""
    click.echo("Stopped." if client.stop() else "There was none.")


def memory(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
            pages = int(statm.read().split()[1])
    except OSError:
        return "memory unknown"
    return f"{pages * os.sysconf('SC_PAGESIZE') >> 20} MiB"
