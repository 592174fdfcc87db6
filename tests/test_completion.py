"""Tab: a real bash that completes; zsh and fish by what the command answers them."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader import catalogue

KATA = Path(sys.executable).with_name("kata")


@pytest.fixture
def home(tmp_path: Path, kata) -> Path:
    """A home whose `kata` is found on the PATH."""
    folder = tmp_path / "user"
    folder.mkdir()
    kata.env |= {"HOME": str(folder), "PATH": f"{KATA.parent}:{os.environ['PATH']}"}
    for name in ("ZDOTDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        kata.env.pop(name, None)
    return folder


def bash_completes(env: dict[str, str], line: str) -> list[str]:
    """What a new interactive bash of this home offers for a line, by its own completion function."""
    words = line.split(" ")
    code = (
        'function=$(complete -p kata | sed "s/.*-F \\([^ ]*\\).*/\\1/"); '
        f"COMP_WORDS=({' '.join(words) or ''}); "
        + ('COMP_WORDS+=(""); ' if words[-1] == "" else "")
        + f"COMP_CWORD={len(words) - 1}; "
        '$function kata; echo "OFFERED:${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-ic", code], env=env, capture_output=True, text=True, timeout=60
    )
    offered = [row for row in done.stdout.splitlines() if row.startswith("OFFERED:")]
    assert offered, done.stdout + done.stderr
    return offered[0].removeprefix("OFFERED:").split()


def test_bash_completes_after_one_command(kata, home):
    done = kata("completion", "bash", "--install")
    assert done.code == 0, done.err
    assert bash_completes(kata.env, "kata che") == ["check"]
    assert bash_completes(kata.env, "kata check ba") == ["batchnorm"]
    assert bash_completes(kata.env, "kata new ") == catalogue.slugs()
    assert bash_completes(kata.env, "kata list --topic opt") == ["optimisers"]
    both = bash_completes(kata.env, "kata mock --topics attention,opt")
    assert both == ["attention,optimisers"]
    assert bash_completes(kata.env, "kata check --device cu") == ["cuda", "cuda:0"]
    assert bash_completes(kata.env, "kata new kmeans --flavour n") == ["numpy"]
    assert bash_completes(kata.env, "kata config set dev") == ["device"]


def test_the_tab_key_itself(kata, home):
    """A keyboard: an interactive bash on a pseudo-terminal, and the key pressed."""
    kata("completion", "bash", "--install")
    master, slave = pty.openpty()
    env = {**kata.env, "TERM": "dumb"}
    shell = subprocess.Popen(
        [shutil.which("bash") or "bash", "-i"],
        **dict.fromkeys(("stdin", "stdout", "stderr"), slave),
        env=env,
        cwd=kata.folder,
        start_new_session=True,
    )
    os.close(slave)
    try:
        os.write(master, b"kata show relat\t")
        assert "ive-attention" in read_until(master, "ive-attention")  # what was not typed
    finally:
        shell.kill()
        shell.wait()
        os.close(master)


def read_until(master: int, text: str) -> str:
    seen, end = "", time.monotonic() + 60
    while text not in seen and time.monotonic() < end:
        if select.select([master], [], [], 1)[0]:
            seen += os.read(master, 4096).decode(errors="replace")
    return seen


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_installing_twice_adds_one_line_and_keeps_the_rest(kata, home, shell):
    start = home / f".{shell}rc"
    start.write_text("alias mine=true")  # no newline at its end
    for _ in range(2):
        assert kata("completion", shell, "--install").code == 0
    lines = start.read_text().splitlines()
    assert lines[0] == "alias mine=true"
    assert len(lines) == 2
    assert str(Path(kata.env["KATA_HOME"]) / f"completion.{shell}") in lines[1]


def test_fish_finds_it_in_its_own_folder(kata, home):
    assert kata("completion", "fish", "--install").code == 0
    script = (home / ".config/fish/completions/kata.fish").read_text()
    assert "complete --no-files --command kata" in script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed_and_calls_kata(kata, home, shell):
    done = kata("completion", shell)
    assert done.code == 0
    assert f"_KATA_COMPLETE={shell}_complete" in done.out
    assert not list(home.iterdir())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_answered_in_their_way(kata, home, shell):
    words = {"zsh": ("kata check kv", "2"), "fish": ("kata check ", "kv")}[shell]
    env = {"_KATA_COMPLETE": f"{shell}_complete", "COMP_WORDS": words[0], "COMP_CWORD": words[1]}
    done = subprocess.run(
        ["kata"], env={**kata.env, **env}, capture_output=True, text=True, timeout=60
    )
    assert "kv-cache" in done.stdout
    assert "adam" not in done.stdout


def test_a_tab_imports_nothing_heavy(kata, home):
    code = (
        "import sys\n"
        "from grader.cli import main\n"
        "sys.argv = ['kata']\n"
        "try:\n    main.run()\n"
        "finally:\n    print([n for n in ('torch', 'numpy', 'rich', 'jinja2') if n in sys.modules])"
    )
    env = {"_KATA_COMPLETE": "bash_complete", "COMP_WORDS": "kata check ", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**kata.env, **env}, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert "plain,adam" in lines, done.stderr
    assert lines[-1] == "[]"


def test_an_unknown_shell_is_refused(kata):
    assert kata("completion", "tcsh").code == 2
