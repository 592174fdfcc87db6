"""kata config"""

import click

from grader import config


@click.group(
    "config",
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
    for one in config.every():
        value = one.value or "(not set)"
        click.echo(f"  {one.key:<10} {value:<28} {one.origin}")
    click.echo(f"\nThe file: {config.file()}")
    for setting in config.SETTINGS.values():
        click.echo(f"  {setting.key:<10} {setting.help}  [env: {', '.join(setting.environment)}]")
    click.echo("Set one: kata config set KEY VALUE   Take it back: kata config unset KEY")


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
    now = config.lookup(key)
    click.echo(f"{key} is {now.value!r} now, from: {now.origin}")
    if now.origin in config.find(key).environment:
        click.echo(f"As long as {now.origin} is set, the file is not asked.")
