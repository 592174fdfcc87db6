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
    assert {one.key: (one.value, one.origin) for one in config.survey().values} == {
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
    (wrong,) = config.survey().wrong
    assert "config.toml" in str(wrong)
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
        ('device = "gpu"', "kata config unset device"),
        ('devise = "cpu"', "kata config unset devise"),
        ("[foo]\nx = 1", "by hand"),
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
    write("editor = ")
    with pytest.raises(config.BadConfig, match="not TOML"):
        config.put("device", "cpu")
    assert config.file().read_text("utf-8") == "editor = "


@pytest.mark.parametrize("line", ['"my key" = 1', "foo = 1", 'device = "gpu"', "device = "])
def test_the_line_that_is_wrong_can_be_taken_out(line):
    write(f'{line}\neditor = "ed"\n')
    config.unset(line.partition("=")[0].strip(' "'))
    assert config.file().read_text("utf-8") == 'editor = "ed"\n'
    assert not config.survey().wrong


def test_a_table_is_not_cut_line_by_line():
    write("[device]\nx = 1\n")
    with pytest.raises(config.BadConfig, match="by hand"):
        config.unset("device")


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
    assert rows["colours"] == ["never", "config.toml"]
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


@pytest.mark.parametrize("line", ["foo = 1", 'colours = "blue"'])
def test_a_broken_file_is_mended_by_the_command_that_is_named(kata, line):
    home = Path(kata.env["KATA_HOME"])
    home.mkdir()
    (home / "config.toml").write_text(f"{line}\n", "utf-8")
    key = line.partition(" ")[0]
    stopped = kata("list")
    assert (stopped.code, f"kata config unset {key}" in stopped.err) == (2, True)
    shown, doctor = kata("config"), kata("doctor")
    assert (shown.code, f"kata config unset {key}" in shown.out) == (0, True)
    assert (doctor.code, f"kata config unset {key}" in doctor.out) == (1, True)
    told = kata("config", "set", "flavour", "numpy")
    assert (told.code, told.out.splitlines()[0]) == (0, "flavour is numpy now, from: config.toml")
    assert kata("config", "unset", key).code == 0
    assert kata("list").code == 0


@pytest.mark.parametrize("width", [80, 60])
def test_the_settings_fit_the_terminal(kata, width):
    lines = kata("config", COLUMNS=str(width)).out.splitlines()
    assert max(len(line) for line in lines if not line.startswith("The file: ")) <= width
    assert any("KATA_WORKSPACE]" in line for line in lines)


def test_what_is_not_set_is_said_in_words(kata):
    assert kata("config", "unset", "editor").out.startswith("editor is (not set) now")


def test_a_folder_that_cannot_be_written_is_said(kata):
    kata.write("a file", "home")
    run = kata("config", "set", "device", "cpu", KATA_HOME=str(kata.folder / "home" / "under"))
    assert (run.code, "config.toml cannot be" in run.err) == (2, True), run.err


def test_a_device_of_the_settings_is_named_as_such(kata):
    kata("new", "adam")
    kata("config", "set", "device", "cuda:97")
    run = kata("check", KATA_DEVICE="")
    assert run.code == 2
    assert "'cuda:97' here (from your settings)" in run.err
    assert "Try: kata config set device auto, or once: --device " in run.err
    run = kata("check", KATA_DEVICE="cuda:98")
    assert "(from KATA_DEVICE)" in run.err
    assert "Try: unset KATA_DEVICE, or once: " in run.err
    assert "Try: --device " in kata("check", "--device", "cuda:96", KATA_DEVICE="").err


def test_a_command_that_is_not_there_is_said_in_one_way(kata):
    for words in (("lst",), ("config", "unst")):
        run = kata(*words)
        assert (run.code, f"No command called {words[-1]!r}." in run.err) == (2, True)
        assert "Did you mean: " in run.err
