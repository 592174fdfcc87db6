"""Whether there is a terminal to fill, and which front an interview gets."""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.interview.course import Front

Say = Callable[[str], None]


def front(*, plain: bool, silent: bool = False) -> "Front":
    """A whole screen where there is one; `silent` when stdout belongs to JSON."""
    say = _say_aside if silent else _say
    return _lines(say) if plain or not has_screen() else _screen(say)


def has_screen() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)  # the last is where a view is drawn
    named = os.environ.get("TERM", "") not in ("", "dumb", "unknown")
    return named and all(stream.isatty() for stream in streams)


def _screen(say: Say) -> "Front":
    from grader.interview.course import Front
    from grader.screens import mock, ticking

    return Front(hold=mock.run, tick=ticking.run, say=say)


def _lines(say: Say) -> "Front":
    from grader.interview.course import Front
    from grader.interview.plain import Lines, Plain, tick

    lines = Lines(sys.stdin.fileno())
    return Front(
        hold=lambda session: Plain(session, lines, say).run(),
        tick=lambda keeper: tick(keeper, lines, say),
        say=say,
    )


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()  # a pipe is read as it goes


def _say_aside(text: str) -> None:
    click.echo(text, err=True)
