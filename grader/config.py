"""What the learner prefers: the environment beats KATA_HOME/config.toml, which beats the default."""

import json
import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import paths
from grader.errors import GraderError, NoSuchDevice, did_you_mean


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


@dataclass(frozen=True, slots=True)
class Survey:
    """The settings that can be used, and what is wrong with the others."""

    values: list[Value]
    wrong: list[BadConfig]


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


def lookup(key: str) -> Value:
    setting = find(key)
    return _from_environment(setting) or _from_file(setting, _known(_read()))


def survey() -> Survey:
    """Every setting and every mistake, where the first mistake must not be the end."""
    found = Survey([], [])
    written: dict[str, Any] = {}
    try:
        written = _read()
    except BadConfig as problem:
        found.wrong.append(problem)
    strange = [key for key in written if key not in SETTINGS]
    found.wrong.extend(_unknown(key, written[key]) for key in strange)
    for setting in SETTINGS.values():
        try:
            found.values.append(_from_environment(setting) or _from_file(setting, written))
        except BadConfig as problem:
            found.wrong.append(problem)
    return found


def no_device(device: str, there: list[str]) -> NoSuchDevice:
    """A device that is not here; where a setting names it, how to change that."""
    setting = lookup("device")
    if setting.value != device or setting.origin == "default":
        return NoSuchDevice(device, there)
    if setting.origin == str(file()):
        return NoSuchDevice(device, there, "your settings", "kata config set device auto")
    return NoSuchDevice(device, there, setting.origin, f"unset {setting.origin}")


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
    """Take a setting out of the file again, or what stands there and is none."""
    if not _lines_of(key, _text()):
        find(key)
    _rewrite(key, lambda lines: lines)
    if key in _read():
        raise _by_hand()


def _rewrite(key: str, change: Callable[[list[str]], list[str]]) -> None:
    path, old = file(), _text()
    own = _lines_of(key, old)
    text = "\n".join([*change([line for line in old.splitlines() if line not in own]), ""])
    _check_toml(text, old)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with paths.replacing(path) as unfinished:
            unfinished.write_text(text, "utf-8")
    except OSError as problem:
        raise BadConfig(
            f"{path} cannot be written: {problem.strerror}.\n"
            "Make room, or name another folder: KATA_HOME=DIR kata ..."
        ) from None


def _lines_of(key: str, text: str) -> list[str]:
    ours = re.compile(rf"\s*(['\"]?){re.escape(key)}\1\s*=")
    return [line for line in text.splitlines() if ours.match(line)]


def _check_toml(text: str, old: str) -> None:
    """A value over several lines, a table of that name: not for us to cut."""
    try:
        _parsed(text)
    except BadConfig:
        _parsed(old)  # says what else is wrong with the file
        raise _by_hand() from None


def _by_hand() -> BadConfig:
    return BadConfig(
        f"{file()} holds more than lines of KEY = VALUE.\nChange it by hand, or delete it."
    )


def _read() -> dict[str, Any]:
    text = _text()
    return _parsed(text) if text else {}


def _text() -> str:
    path = file()
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as problem:
        raise _not_toml(problem) from None
    except OSError as problem:
        raise BadConfig(
            f"{path} cannot be read: {problem.strerror}.\n"
            "Move it away, or name another folder: KATA_HOME=DIR kata ..."
        ) from None


def _parsed(text: str) -> dict[str, Any]:
    import tomllib  # only here: most people write no such file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise _not_toml(problem) from None


def _not_toml(problem: ValueError) -> BadConfig:
    return BadConfig(f"{file()} is not TOML: {problem}.\nMend the file, or delete it.")


def _known(written: dict[str, Any]) -> dict[str, Any]:
    for key, value in written.items():
        if key not in SETTINGS:
            raise _unknown(key, value)
    return written


def _unknown(key: str, value: Any) -> BadConfig:
    return BadConfig(
        f"{file()}: there is no setting {key!r}.\n{did_you_mean(key, SETTINGS)}"
        f"There is: {', '.join(SETTINGS)}.\n{_take_out(key, value)}"
    )


def _take_out(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return "Take it out of the file by hand, or delete the file."
    return f"Take the line out: kata config unset {shlex.quote(key)}"


def _from_environment(setting: Setting) -> Value | None:
    for name in setting.environment:
        if value := os.environ.get(name):
            where, remedy = f"{name} in the environment", f"Change it, or: unset {name}"
            return Value(setting.key, _checked(setting, value, where, remedy), name)
    return None


def _from_file(setting: Setting, written: dict[str, Any]) -> Value:
    key, path = setting.key, str(file())
    if key not in written:
        return Value(key, setting.default, "default")
    value = written[key]
    return Value(key, _checked(setting, value, path, _take_out(key, value)), path)


def _checked(setting: Setting, value: Any, where: str, remedy: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(setting.allowed, value):
        raise BadConfig(
            f"{where}: {setting.key} cannot be {value!r}.\nIt is {setting.help}.\n{remedy}"
        )
    return value
