"""kata doctor"""

import platform
import sys
import textwrap
from importlib import metadata

import click

from grader import __version__, catalogue, config, history, paths, workspace
from grader.cli.main import NOT_PASSED, PASSED
from grader.cli.warm import memory
from grader.config import BadConfig
from grader.warm import client


@click.command("doctor", epilog="Example: kata doctor")
def command() -> int:
    """Say what this machine gives: devices, the warm process, each protection of the sandbox."""
    tested = client.selftest()
    facts = client.facts()
    _section("Versions")
    _row("kata", __version__)
    _row("Python", f"{platform.python_version()} ({sys.executable})")
    for name in ("torch", "numpy", "pytest"):
        _row(name, metadata.version(name))
    _row("system", f"{platform.system()} {platform.release()} {platform.machine()}")
    _section("Folders")
    _row("katas", f"{paths.katas()} ({len(catalogue.slugs())})")
    _row("attempts", _attempts())
    _row("history", str(history.file()))
    _section("Checks")
    _row("devices", ", ".join(tested["devices"]))
    running = f"process {facts['pid']}, {memory(facts['pid'])}" if facts else "off: slower"
    _row("warm process", running)
    wrong = config.survey().wrong
    if wrong:
        _section("Settings that are wrong")
    for problem in wrong:
        click.echo(textwrap.indent(str(problem), "  "))
    _section("Sandbox, each protection tried just now")
    for name, on, problem in tested["results"]:
        mark = click.style("on ", fg="green") if on else click.style("OFF", fg="red")
        click.echo(f"  {mark}  {name}" + (f" ({problem})" if not on else ""))
    return NOT_PASSED if wrong or not all(on for _, on, _ in tested["results"]) else PASSED


def _attempts() -> str:
    try:
        return str(workspace.folder().absolute())
    except BadConfig:
        return "not known: a setting is wrong"


def _section(title: str) -> None:
    click.secho(f"\n{title}", bold=True)


def _row(name: str, text: str) -> None:
    click.echo(f"  {name:<13}{text}")
