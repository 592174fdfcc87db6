"""Arguments and options that several commands share."""

import os

import click

from grader import catalogue, workspace
from grader.catalogue import Kata

slug = click.argument("slug", required=False)
flavour = click.option("--flavour", metavar="F", help="torch or numpy, where the kata has both.")


def kata_of(slug: str | None) -> Kata:
    """The named kata, or that of the attempt touched last."""
    return catalogue.find(slug or workspace.last_touched())


def device(given: str | None) -> str:
    return given or os.environ.get("KATA_DEVICE") or "auto"
