"""Arguments and options that several commands share, what they complete to, and their defaults."""

import os
import shlex
from pathlib import Path

import click

from grader import catalogue, config, workspace
from grader.catalogue import Kata


def complete_slug(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    return [name for name in catalogue.slugs() if name.startswith(typed)]


def complete_topic(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    return [name for name in topics() if name.startswith(typed)]


def complete_device(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Without asking torch, which would take a second: all that there may be."""
    return [name for name in ("auto", *catalogue.DEVICES, "cuda:0") if name.startswith(typed)]


def complete_flavour(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    return [name for name in catalogue.FLAVOURS if name.startswith(typed)]


slug = click.argument("slug", required=False, shell_complete=complete_slug)
topic = click.option("--topic", metavar="T", help="Only this topic.", shell_complete=complete_topic)
device_option = click.option(
    "--device",
    metavar="D",
    help="auto, cpu, cuda, cuda:N or mps.  [env: KATA_DEVICE]",
    shell_complete=complete_device,
)
flavour = click.option(
    "--flavour",
    metavar="F",
    help="torch or numpy, where the kata has both.",
    shell_complete=complete_flavour,
)


def kata_of(slug: str | None) -> Kata:
    """The named kata, or that of the attempt touched last."""
    return catalogue.find(slug or workspace.last_touched())


def device(given: str | None) -> str:
    return given or config.device()


def flavour_of(kata: Kata, given: str | None) -> str:
    """The flavour of a new attempt: the one asked for, the one preferred, the kata's first."""
    if given:
        return kata.check_flavour(given)
    preferred = config.flavour()
    return preferred if preferred in kata.flavours else kata.flavours[0]


def again(kata: Kata, attempt: Path | None, flavour: str | None, select: str = "") -> str:
    """The command that checks the same once more."""
    words = ["kata", "check", kata.slug]
    words += ["--attempt", str(attempt)] if attempt else []
    words += ["--flavour", flavour] if flavour else []
    words += ["-k", select] if select else []
    return shlex.join(words)


def colour() -> bool | None:
    """Yes, no, or only on a terminal (None); told to rich by the variables that it knows."""
    wanted = config.colours()
    if wanted == "always":
        os.environ["FORCE_COLOR"] = "1"
        return True
    if wanted == "never" or os.environ.get("NO_COLOR"):
        os.environ["NO_COLOR"] = "1"
        return False
    return None


def topics() -> list[str]:
    return sorted({kata.topic for kata in catalogue.every()})


def check_topic(name: str | None) -> str | None:
    if name is not None and name not in topics():
        raise click.UsageError(f"No topic called {name!r}. There is: {', '.join(topics())}.")
    return name
