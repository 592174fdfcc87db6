"""The command `kata`: finds the subcommand, and turns every ending into an exit code."""

import errno
import importlib
import json
import os
import sys
from typing import Any

import click

from grader import __version__
from grader.config import BadConfig
from grader.errors import GraderError, did_you_mean

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
PASSED, NOT_PASSED, USER_ERROR, BROKEN, INTERRUPTED, UNREAD = 0, 1, 2, 3, 130, 141

# as --help shows them: (command, module of grader/cli with a click command of that name, one line)
SECTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Practise": (
        ("list", "listing", "List the katas, and how far you are with each."),
        ("new", "new", "Write a new attempt, the brief on top, to attempts/SLUG.py."),
        ("check", "check", "Grade an attempt with the hidden suite, and name the mistake."),
        ("watch", "watch", "Check an attempt each time it is saved."),
        ("debug", "debug", "Run cases right here, so that breakpoint() works."),
        ("reset", "reset", "Start an attempt again; the old one is kept."),
    ),
    "Learn": (
        ("show", "show", "Show the brief of a kata."),
        ("hint", "hint", "Show the next of three hints, from a nudge to nearly there."),
        ("explain", "explain", "Answer the interview questions that your last check failed."),
        ("reveal", "reveal", "Show our solution."),
    ),
    "Come back and be interviewed": (
        ("next", "next", "Say what to practise next, and why."),
        ("quiz", "quiz", "Interview questions as flash cards, those due first."),
        ("mock", "mock", "Sit a timed mock interview, with a debrief."),
        ("report", "report", "Show the debrief of an interview again, or write it as a page."),
    ),
    "Your record": (
        ("history", "history", "Show what was checked; each attempt can be brought back."),
        ("stats", "stats", "Topics, levels, streak, time to pass, commonest mistakes."),
        ("export", "export", "Write the whole history as JSON lines."),
        ("import", "import_", "Read an export back."),
    ),
    "The tool": (
        ("config", "config", "Show each setting and where it comes from; set one."),
        ("completion", "completion", "Let Tab complete commands, katas, topics and devices."),
        ("doctor", "doctor", "Say what this machine gives: devices, each protection."),
        ("warm", "warm", "Show or end the process that makes checks fast."),
        ("author", "author", "Prove, scaffold and sharpen katas."),
    ),
}
MENDERS = ("config", "doctor")  # they say what is wrong with the settings, so they work with any
COMMANDS = {name: module for rows in SECTIONS.values() for name, module, _ in rows}


class ReaderGone(Exception):
    """The reader of a pipe left: nothing more to say to anybody, and neither a pass nor a failure."""


class Commands(click.Group):
    """A group that says in one way what it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            raise click.UsageError(
                f"No command called {args[0]!r}.\n{did_you_mean(args[0], known)}"
                f"See them all with: {ctx.command_path} --help"
            )
        return super().resolve_command(ctx, args)


class Katas(Commands):
    """A group whose commands are imported when they are needed."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as problem:  # click would leave with 1, which here says "not passed"
            raise ReaderGone from problem

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: importing every command for its one line would take a second breath."""
        for title, rows in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<10}", line) for name, _, line in rows])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"grader.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


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

    try:
        context.color = options.colour()
    except BadConfig:
        if context.invoked_subcommand not in MENDERS:
            raise
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
    except OSError as problem:
        if problem.errno not in DISK_FULL:
            return _broken()
        return _complain(
            "The disk is full, or your share of it.\nMake room, and try again.", "disk"
        )
    except ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception:
        return _broken()


def _broken() -> int:
    import traceback  # only when something broke

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
