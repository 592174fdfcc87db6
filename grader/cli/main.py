"""The command `kata`: finds the subcommand, and turns every ending into an exit code."""

import importlib
import json
import os
import sys
import traceback
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError, did_you_mean

PASSED, NOT_PASSED, USER_ERROR, BROKEN, INTERRUPTED, UNREAD = 0, 1, 2, 3, 130, 141

# in the order of --help; each is grader/cli/<module>.py with a click command of that name
COMMANDS = {
    "list": "listing",
    "new": "new",
    "check": "check",
    "watch": "watch",
    "next": "next",
    "quiz": "quiz",
    "explain": "explain",
    "hint": "hint",
    "show": "show",
    "reveal": "reveal",
    "mock": "mock",
    "report": "report",
    "reset": "reset",
    "history": "history",
    "stats": "stats",
    "export": "export",
    "import": "import_",
    "config": "config",
    "completion": "completion",
    "debug": "debug",
    "doctor": "doctor",
    "warm": "warm",
    "author": "author",
}


class ReaderGone(Exception):
    """The reader of a pipe left: nothing more to say to anybody, and neither a pass nor a failure."""


class Katas(click.Group):
    """A group whose commands are imported when they are needed."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as problem:  # click would leave with 1, which here says "not passed"
            raise ReaderGone from problem

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"grader.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(
                f"No command called {args[0]!r}.\n{did_you_mean(args[0], COMMANDS)}"
                "See them all with: kata --help"
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=Katas,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Example: kata new adam, edit attempts/adam.py, kata check adam",
)
@click.version_option(__version__, prog_name="kata")
@click.pass_context
def cli(context: click.Context) -> None:
    """Katas for machine-learning coding interviews, with a verdict you can trust."""
    from grader.cli import options

    context.color = options.colour()
    if context.invoked_subcommand is None:
        from grader.cli import status

        status.show()


def run() -> None:
    """Entry point.  0 passed, 1 not passed, 2 the user can fix it, 3 the grader broke, 130 interrupted."""
    sys.exit(_outcome())


def _outcome() -> int:
    try:
        code = cli.main(standalone_mode=False)
        return code if isinstance(code, int) else PASSED
    except GraderError as problem:
        return _complain(str(problem), problem.kind)
    except click.UsageError as problem:
        return _complain(problem.format_message() + _usage_hint(problem), "usage")
    except (KeyboardInterrupt, click.Abort):
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception:
        traceback.print_exc()
        print("\nThis is a bug in kata, not in your code.", file=sys.stderr)
        return BROKEN


def _complain(message: str, kind: str) -> int:
    print(message, file=sys.stderr)
    if "--json" in sys.argv:
        print(json.dumps({"schema": 1, "outcome": None, "error": message, "kind": kind}))
    return USER_ERROR


def _usage_hint(problem: click.UsageError) -> str:
    path = problem.ctx.command_path if problem.ctx else "kata"
    return "" if "--help" in problem.format_message() else f"\nSee: {path} --help"
