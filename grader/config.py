"""What the learner prefers: the environment beats KATA_HOME/config.toml, which beats the default."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import paths
from grader.errors import GraderError, did_you_mean


class BadConfig(GraderError):
    kind = "bad-config"


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    environment: tuple[str, ...]  # the first that is set counts
    default: str
    allowed: str  # a pattern
    help: str


@dataclass(frozen=True, slots=True)
class Value:
    """A setting as it stands, and where it comes from."""

    key: str
    value: str
    origin: str


SETTINGS = {
    one.key: one
    for one in (
        Setting(
            *("device", ("KATA_DEVICE",), "auto", r"auto|cpu|mps|cuda(:\d+)?"),
            "where attempts run: auto, cpu, cuda, cuda:N or mps",
        ),
        Setting(
            *("editor", ("KATA_EDITOR", "VISUAL", "EDITOR"), "", r".*"),
            "the command that opens an attempt",
        ),
        Setting(
            *("workspace", ("KATA_WORKSPACE",), ".", r".+"),
            "the folder that holds attempts/",
        ),
        Setting(
            *("flavour", ("KATA_FLAVOUR",), "torch", r"torch|numpy"),
            "what new attempts are written in, where a kata has both: torch or numpy",
        ),
        Setting(
            *("colours", ("KATA_COLOURS",), "auto", r"auto|always|never"),
            "auto (on a terminal, unless NO_COLOR is set), always or never",
        ),
    )
}


def file() -> Path:
    return paths.home() / "config.toml"


def device() -> str:
    return lookup("device").value


def editor() -> str | None:
    """The editor to call; None leaves the choice to whoever opens it."""
    return lookup("editor").value or None


def workspace() -> Path:
    """The folder whose `attempts/` the learner works in."""
    found = lookup("workspace")
    folder = Path(found.value).expanduser()
    # a relative folder in the file is meant from the file, not from wherever one stands
    return file().parent / folder if found.origin == str(file()) else folder


def flavour() -> str:
    return lookup("flavour").value


def colours() -> str:
    return lookup("colours").value


def every() -> list[Value]:
    return [lookup(key) for key in SETTINGS]


def lookup(key: str) -> Value:
    setting = find(key)
    for name in setting.environment:
        if value := os.environ.get(name):
            where, remedy = f"{name} in the environment", f"Change it, or: unset {name}"
            return Value(key, _checked(setting, value, where, remedy), name)
    written = _read()
    if key in written:
        remedy = f"Set it: kata config set {key} {setting.default or 'VALUE'}"
        return Value(key, _checked(setting, written[key], str(file()), remedy), str(file()))
    return Value(key, setting.default, "default")


def find(key: str) -> Setting:
    if key not in SETTINGS:
        raise BadConfig(
            f"There is no setting {key!r}.\n{did_you_mean(key, SETTINGS)}"
            f"There is: {', '.join(SETTINGS)}."
        )
    return SETTINGS[key]


def put(key: str, value: str) -> None:
    """Write a setting to the file; whatever else stands there stays as it is."""
    setting = find(key)
    if key == "workspace":
        value = str(Path(value).expanduser().absolute())
    remedy = f"Try: kata config set {key} {setting.default or 'VALUE'}"
    value = _checked(setting, value, "kata config set", remedy)
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    _rewrite(key, lambda lines: [line, *lines])


def unset(key: str) -> None:
    """Take a setting out of the file again."""
    find(key)
    _rewrite(key, lambda lines: lines)


def _rewrite(key: str, change: Callable[[list[str]], list[str]]) -> None:
    _read()  # a file that cannot be read is not ours to rewrite
    path = file()
    old = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in old if not re.match(rf"\s*(['\"]?){key}\1\s*=", line)]
    text = "\n".join([*change(kept), ""])
    _check_toml(path, text)  # a value over several lines, a table of that name: not for us to cut
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, "utf-8")
        os.replace(unfinished, path)
    except OSError as problem:
        raise BadConfig(
            f"{path} cannot be written: {problem.strerror}.\n"
            "Make room, or name another folder: KATA_HOME=DIR kata ..."
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _check_toml(path: Path, text: str) -> None:
    import tomllib

    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise BadConfig(
            f"{path} holds more than lines of KEY = VALUE.\nChange it by hand, or delete it."
        ) from None


def _read() -> dict[str, Any]:
    path = file()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise BadConfig(
            f"{path} cannot be read: {problem.strerror}.\n"
            "Move it away, or name another folder: KATA_HOME=DIR kata ..."
        ) from None
    import tomllib  # only here: most people write no such file

    try:
        record = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadConfig(f"{path} is not TOML: {problem}.\nMend the file, or delete it.") from None
    for key in record:
        if key not in SETTINGS:
            raise BadConfig(
                f"{path}: there is no setting {key!r}.\n{did_you_mean(key, SETTINGS)}"
                f"There is: {', '.join(SETTINGS)}. Take the line out of the file."
            )
    return record


def _checked(setting: Setting, value: Any, where: str, remedy: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(setting.allowed, value):
        raise BadConfig(
            f"{where}: {setting.key} cannot be {value!r}.\nIt is {setting.help}.\n{remedy}"
        )
    return value
