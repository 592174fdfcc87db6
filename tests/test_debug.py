"""`kata debug` as a person uses it: a case at a time, breakpoints, and leaving at once."""

import re
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

QUIT = "\nDebugging is over; nothing is recorded.\n"


@pytest.fixture
def stopping(kata, reference, with_change):
    """An attempt that stops at every step."""
    text = with_change(
        reference / "adam" / "solution.py",
        "            self.t[i] += 1\n",
        "            self.t[i] += 1\n            breakpoint()\n",
    )
    return kata.write(text, "attempts/adam.py")


@pytest.mark.parametrize("leaving", ["q\n", "quit\n", ""])  # the last: Ctrl-D
def test_quitting_the_debugger_ends_the_whole_command(kata, stopping, leaving):
    run = kata("debug", "adam", "-k", "eps", stdin=leaving)
    assert (run.code, run.err) == (130, QUIT)
    assert run.out.count("running ") == run.out.count("(Pdb)") == 1
    assert "FAILED" not in run.out


def test_quitting_while_the_file_is_imported(kata, reference):
    text = (reference / "adam" / "solution.py").read_text("utf-8")
    kata.write(f"breakpoint()\n{text}", "attempts/adam.py")
    run = kata("debug", "adam", "-k", "eps", stdin="q\n")
    assert (run.code, run.err) == (130, QUIT)


def test_an_interrupt_at_the_prompt_ends_the_whole_command(kata, stopping):
    with subprocess.Popen(
        [sys.executable, "-m", "grader", "debug", "adam", "-k", "eps"],
        cwd=kata.folder,
        env=kata.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        seen = b""
        while not seen.endswith(b"(Pdb) "):
            seen += process.stdout.read(1)
        while process.poll() is None:  # a signal just before Python reads waits for the next one
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
        assert process.returncode == 130
        assert process.stderr.read().decode() == QUIT
        assert b"running" not in process.stdout.read()


def test_each_case_is_named_before_it_runs_and_counted_at_the_end(kata, reference):
    kata.write((reference / "adam" / "wrong" / "epsilon_inside_root.py").read_bytes(), "my a.py")
    run = kata("debug", "adam", "-k", "epsilon", "--attempt", "my a.py")
    assert run.code == 1
    begun = [line for line in run.out.splitlines() if line.startswith("running ")]
    good, bad = (len(re.findall(rf"^{word} ", run.out, re.M)) for word in ("passed", "FAILED"))
    assert len(begun) == good + bad > 1
    first = begun[0].removeprefix("running ")
    assert run.out.index(f"running {first}") < run.out.rindex(first)
    assert run.out.endswith(
        f"\n{good} passed, {bad} failed.\nCheck it: kata check adam --attempt 'my a.py'\n"
    )


@pytest.mark.parametrize(
    "text, words",
    [
        ("import no_such_thing\n", "cannot be imported: it raises ModuleNotFoundError: No module"),
        ("x = 1\n", "does not define Adam"),
    ],
)
def test_what_cannot_be_loaded_is_said_as_check_says_it(kata, text, words):
    kata.write(text, "attempts/adam.py")
    debugged, checked = kata("debug", "adam", "-k", "eps"), kata("check", "adam")
    assert (debugged.code, checked.code) == (2, 2)
    for run in (debugged, checked):
        assert words in " ".join((run.out + run.err).split())
    assert "builtins" not in debugged.err
