"""kata completion"""

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from grader import paths
from grader.cli.main import cli
from grader.errors import GraderError

MARK = "# completion of kata"
# sourced from .zshrc, perhaps before anything has loaded the completion system
_ZSH = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"


@click.command("completion", epilog="Example: kata completion bash --install")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.option("--install", is_flag=True, help="Put it where the shell finds it.")
def command(shell: str, install: bool) -> None:
    """Print what makes Tab complete commands, katas, topics and devices; or install it."""
    script = _script(shell)
    if not install:
        click.echo(script)
        return
    try:
        path = _install(shell, script)
    except OSError as problem:
        raise GraderError(f"{problem.filename} cannot be written: {problem.strerror}.") from None
    click.echo(f"Wrote {path}\nIt works in every new {shell}.")


def _script(shell: str) -> str:
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(cli, {}, "kata", "_KATA_COMPLETE").source()
    return _ZSH + script if shell == "zsh" else script


def _install(shell: str, script: str) -> Path:
    if shell == "fish":
        path = _folder("XDG_CONFIG_HOME", ".config") / "fish" / "completions" / "kata.fish"
        _write(path, script)
        return path
    path = paths.home().absolute() / f"completion.{shell}"
    _write(path, script)
    start = Path.home() / ".bashrc" if shell == "bash" else _folder("ZDOTDIR", "") / ".zshrc"
    old = start.read_text("utf-8") if start.exists() else ""
    if str(path) not in old:
        with open(start, "a", encoding="utf-8") as stream:
            between = "" if old.endswith("\n") or not old else "\n"
            stream.write(f'{between}[ -f "{path}" ] && . "{path}"  {MARK}\n')
    return path


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
