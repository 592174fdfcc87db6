"""kata config"""

import shutil
import textwrap

import click

from grader import config
from grader.cli.main import Commands
from grader.config import Value

INDENT = " " * 13  # of what stands after a key


@click.group(
    "config",
    cls=Commands,
    invoke_without_command=True,
    epilog="Example: kata config set device cpu",
)
@click.pass_context
def command(context: click.Context) -> None:
    """Show each setting and where it comes from; set one.

    The environment beats the file, the file beats the default; an option beats them all.
    """
    if context.invoked_subcommand is None:
        _show()


def _show() -> None:
    found = config.survey()
    for one in found.values:
        click.echo(f"  {one.key:<10} {_shown(one):<28} {_origin(one)}")
    for problem in found.wrong:
        click.echo(f"\n{problem}")
    click.echo(f"\nThe file: {config.file()}")
    for setting in config.SETTINGS.values():
        text = f"  {setting.key:<10} {setting.help}  [env: {', '.join(setting.environment)}]"
        click.echo(_wrapped(text))
    click.echo("Set one: kata config set KEY VALUE\nTake it back: kata config unset KEY")


def _shown(one: Value) -> str:
    return one.value or "(not set)"


def _origin(one: Value) -> str:
    return config.file().name if one.origin == str(config.file()) else one.origin


def _wrapped(text: str) -> str:
    width = min(shutil.get_terminal_size().columns, 80)
    return textwrap.fill(
        text, width, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False
    )


def _complete_key(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    return [key for key in config.SETTINGS if key.startswith(typed)]


@command.command("set", epilog="Example: kata config set editor 'code --wait'")
@click.argument("key", shell_complete=_complete_key)
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Write a setting to the file."""
    config.put(key, value)
    _confirm(key)


@command.command("unset", epilog="Example: kata config unset editor")
@click.argument("key", shell_complete=_complete_key)
def unset(key: str) -> None:
    """Take a setting out of the file."""
    config.unset(key)
    _confirm(key)


def _confirm(key: str) -> None:
    found = config.survey()
    now = next((one for one in found.values if one.key == key), None)
    if now is None and key not in config.SETTINGS:
        click.echo(f"{key} is no longer in the file.")
    elif now is not None:
        click.echo(f"{key} is {_shown(now)} now, from: {_origin(now)}")
        if now.origin in config.find(key).environment:
            click.echo(f"As long as {now.origin} is set, the file is not asked.")
    for problem in found.wrong:
        click.echo(f"\n{problem}")
