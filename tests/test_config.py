"""Settings: the environment beats the file beats the default, and each says where it comes from."""

import tomllib
from pathlib import Path

import pytest

from grader import config

NAMES = [name for setting in config.SETTINGS.values() for name in setting.environment]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KATA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def write(text: str) -> None:
    config.file().parent.mkdir(exist_ok=True)
    config.file().write_text(text, "utf-8")


def test_nothing_set_gives_the_defaults_and_makes_no_file(home):
    assert {one.key: (one.value, one.origin) for one in config.every()} == {
        "device": ("auto", "default"),
        "editor": ("", "default"),
        "workspace": (".", "default"),
        "flavour": ("torch", "default"),
        "colours": ("auto", "default"),
    }
    assert not home.exists()


def test_the_file_beats_the_default_and_the_environment_the_file(monkeypatch):
    write('device = "cpu"\neditor = "ed"\n')
    assert config.lookup("device") == config.Value("device", "cpu", str(config.file()))
    monkeypatch.setenv("KATA_DEVICE", "cuda:1")
    assert config.lookup("device") == config.Value("device", "cuda:1", "KATA_DEVICE")
    monkeypatch.setenv("EDITOR", "nano")
    monkeypatch.setenv("VISUAL", "vim")
    assert config.lookup("editor").origin == "VISUAL"
    monkeypatch.setenv("KATA_EDITOR", "code --wait")
    assert config.editor() == "code --wait"


def test_setting_keeps_what_else_stands_in_the_file():
    write('# mine\ndevice = "cpu"\n\neditor = "ed" # short\n')
    config.put("device", "mps")
    config.put("flavour", "numpy")
    text = config.file().read_text("utf-8")
    assert "# mine" in text
    assert 'editor = "ed" # short' in text
    assert tomllib.loads(text) == {"device": "mps", "flavour": "numpy", "editor": "ed"}
    config.unset("device")
    assert config.lookup("device").origin == "default"
    assert config.editor() == "ed"


@pytest.mark.parametrize(
    "value", ['a "quoted" name', "back\\slash", "ümlaut", "'", "a\tb", "é" * 300]
)
def test_any_text_comes_back_from_the_file(value):
    config.put("editor", value)
    assert config.editor() == value


def test_a_folder_means_the_same_from_everywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    config.put("workspace", "here")
    monkeypatch.chdir("/")
    assert config.workspace() == tmp_path / "here"
    write('workspace = "beside"\n')
    assert config.workspace() == config.file().parent / "beside"
    write('workspace = "~/katas"\n')
    assert config.workspace() == Path.home() / "katas"


BAD = {
    "not TOML": "device = ",
    "an unknown key": 'devise = "cpu"',
    "a value that is none": 'device = "gpu"',
    "a number": "device = 1",
    "a flavour that is none": 'flavour = "jax"',
    "a table": "[device]\nx = 1",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_said_and_left_alone(kind):
    write(BAD[kind])
    with pytest.raises(config.BadConfig, match=r"config\.toml"):
        config.every()
    assert config.file().read_text("utf-8") == BAD[kind]


def test_a_table_of_that_name_is_not_made_into_a_broken_file():
    write(BAD["a table"])
    with pytest.raises(config.BadConfig, match="by hand"):
        config.put("device", "cpu")
    assert config.file().read_text("utf-8") == BAD["a table"]
    assert list(config.file().parent.iterdir()) == [config.file()]


@pytest.mark.parametrize(
    "text, words",
    [
        ('device = "gpu"', "kata config set device auto"),
        ('devise = "cpu"', "Take the line out"),
        ("device = ", "Mend the file, or delete it"),
    ],
)
def test_a_bad_file_says_what_to_type(text, words):
    write(text)
    with pytest.raises(config.BadConfig, match=words):
        config.lookup("device")


def test_a_bad_variable_says_what_to_type(monkeypatch):
    monkeypatch.setenv("KATA_DEVICE", "gpu")
    with pytest.raises(config.BadConfig, match="unset KATA_DEVICE"):
        config.device()


def test_a_bad_file_is_not_rewritten():
    write("device = ")
    with pytest.raises(config.BadConfig, match="not TOML"):
        config.put("device", "cpu")
    assert config.file().read_text("utf-8") == "device = "


@pytest.mark.parametrize("key, value", [("device", "gpu"), ("colours", "blue"), ("devise", "cpu")])
def test_a_bad_setting_is_refused_before_anything_is_written(key, value):
    with pytest.raises(config.BadConfig):
        config.put(key, value)
    assert not config.file().exists()


def test_the_command_shows_each_value_and_its_origin(kata):
    assert kata("config", "set", "colours", "never").code == 0
    told = kata("config", "set", "device", "auto")
    assert "As long as KATA_DEVICE is set" in told.out  # the tests set it
    shown = kata("config").out.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in shown[:5]}
    assert rows["device"] == ["cpu", "KATA_DEVICE"]
    assert rows["colours"] == ["never", str(Path(kata.env["KATA_HOME"]) / "config.toml")]
    assert rows["workspace"] == [".", "default"]
    wrong = kata("config", "set", "devise", "cpu")
    assert wrong.code == 2
    assert "Did you mean: device" in wrong.err


def test_the_settings_are_followed(kata, tmp_path):
    mine = tmp_path / "mine"
    kata("config", "set", "workspace", mine)
    kata("config", "set", "flavour", "numpy")
    script = kata.write('#!/bin/sh\nprintf "%s" "$1" > "$0.said"\n', "editor.sh")
    script.chmod(0o755)
    kata("config", "set", "editor", script)
    done = kata("new", "kmeans", "--edit")
    assert done.code == 0, done.err
    attempt = mine / "attempts" / "kmeans_numpy.py"
    assert attempt.exists()
    assert Path(f"{script}.said").read_text() == str(attempt)
    assert kata("new", "adam").code == 0  # has no numpy flavour: its first one
    assert (mine / "attempts" / "adam.py").exists()


def test_colours_are_asked_for_or_refused(kata):
    assert "\x1b[" not in kata("list").out
    assert "\x1b[" in kata("list", KATA_COLOURS="always").out
    assert "\x1b[" in kata("explain", "adam", "--all", KATA_COLOURS="always").out
    assert "\x1b[" not in kata("explain", "adam", "--all", KATA_COLOURS="never").out
    assert "\x1b[" not in kata("list", KATA_COLOURS="auto", NO_COLOR="1").out
