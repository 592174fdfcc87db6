"""What people see: 80 columns, colour on a terminal only, help with an example, pipes that may close."""

import os
import pty
import re
import shutil
import subprocess
import sys

import pytest
from rich.cells import cell_len

EPSILON = "wrong/epsilon_inside_root.py"


def test_every_command_has_help_with_an_example(kata):
    names = re.findall(r"^  ([a-z]+) ", kata("--help").out.split("Practise:")[1], re.M)
    assert {"list", "new", "check", "explain", "hint", "show", "reveal", "debug"} <= set(names)
    code = (
        "import sys; from grader.cli import main\n"
        f"for name in {names!r}:\n"
        "    sys.argv = ['kata', name, '--help']\n"
        "    print('==', name, main._outcome())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=kata.env
    )
    for text, name in zip(done.stdout.split("== ")[:-1], names, strict=True):
        assert "Example: kata" in text, name
        assert max(map(len, text.splitlines())) <= 80, name
    assert done.stdout.count(" 0\n") == len(names)


def test_no_line_is_longer_than_80_and_nothing_piped_has_escape_codes(kata, reference):
    kata("new", "adam")
    shutil.copy(
        reference / "adam" / "wrong" / "betas_swapped.py", kata.folder / "attempts" / "adam.py"
    )
    commands = [
        *(["check", "--all"], ["check"], ["explain"], ["explain", "--all"], ["hint"], ["show"]),
        *(["list"], [], ["debug", "-k", "betas"], ["reset"], ["--help"], ["check", "--help"]),
    ]
    for command in commands:
        run = kata(*command)
        text = run.out + run.err
        assert text, command
        assert "\x1b" not in text, command
        assert max(map(cell_len, text.splitlines())) <= 80, command  # m̂ takes one column


def test_a_verdict_shows_levels_input_got_want_the_mistake_and_its_question(kata, reference):
    run = kata("check", "adam", "--attempt", reference / "adam" / EPSILON, "--no-record")
    for words in (
        *("correct", "7/7", "robust", "FAILED  epsilon is added after the root", "eps = 0.01"),
        *("got ", "want ", "This looks like: epsilon inside the square root.", "Q  Where does"),
        *("They ask next", "NOT PASSED", "kata explain adam"),
    ):
        assert words in run.out, words


def on_a_terminal(kata, *arguments, **env):
    """What the command writes when its output is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *arguments],
        cwd=kata.folder,
        env={**kata.env, "TERM": "xterm-256color", **env},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    chunks = []
    with open(ours, "rb", buffering=0) as stream:
        while True:
            try:
                chunk = stream.read(4096)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    process.wait(60)
    return b"".join(chunks).decode()


def test_colour_on_a_terminal_and_none_with_no_color(kata, reference):
    check = ("check", "adam", "--attempt", str(reference / "adam" / EPSILON), "--no-record")
    assert "\x1b[1;31mNOT PASSED" in on_a_terminal(kata, *check)
    plain = on_a_terminal(kata, *check, NO_COLOR="1")
    assert "NOT PASSED" in plain
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", plain)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", on_a_terminal(kata, "list", NO_COLOR="1"))


@pytest.mark.parametrize("command", ["explain --search the", "list", "check adam --attempt a.py"])
def test_a_reader_that_goes_away_is_no_error_and_no_pass(kata, command):
    kata.write("class Adam: pass\n", "a.py")
    piped = f"{sys.executable} -m grader {command} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", piped], cwd=kata.folder, env=kata.env, capture_output=True)
    assert (done.returncode, done.stderr) == (141, b"")
