"""Bad input: a clear message with what to type next, code 2, no traceback, nothing lost."""

import os
import shutil

import pytest

SYNTAX = b"import torch\nclass Adam:\n    def step(self:\n        pass\n"
BAD_FILES = {
    "empty": (b"", "is empty"),
    "not UTF-8": (b"# caf\xe9\n", "line 1: not UTF-8"),
    "a null byte": (b"x = 1\n\0", "line 2: a null byte"),
    "a syntax error": (SYNTAX, "line 3"),
    "nothing exported": (b"x = 1\n", "does not define Adam"),
    "too large": (b"# " + b"x" * 4_200_000, "more than 4 MiB"),
    "nested too deep": (b"x = " + b"-" * 99_999 + b"1\n", "cannot be compiled: nested too deep"),
    "an export that is no function": (b"Adam = 3\n", "does not define Adam"),
    "an import that fails": (b"\nimport no_such_thing\n", "No module named 'no_such_thing'"),
    "an exception at import": (b"class Adam: pass\n1 / 0\n", "ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_an_error_of_the_user_in_words_and_in_json(kata, name):
    text, words = BAD_FILES[name]
    path = kata.write(text)
    for options in ([], ["--json"]):
        run = kata("check", "adam", "--attempt", path, *options)
        assert run.code == 2
        assert words in " ".join((run.out + run.err).split())
        assert "Traceback" not in run.out + run.err
    assert words in run.json["error"]
    assert path.read_bytes() == text


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["check", "adm"], "Did you mean: adam"),
        (["check", "adam"], "Start one: kata new adam"),
        (["check"], "kata new adam"),
        (["check", "adam", "--attempt", "."], "is a folder"),
        (["check", "adam", "--attempt", "none.py"], "There is no file none.py"),
        (["check", "adam", "--attempt", os.fsdecode(b"od\xff.py")], "is not UTF-8. Rename it"),
        (["check", "adam", "--attempt", "/dev/zero"], "more than 4 MiB"),
        (["check", "adam", "--flavour", "jax", "--attempt", "a.py"], "It has: torch"),
        (["check", "adam", "--device", "cuda:97", "--attempt", "a.py"], "There is: "),
        (["check", "adam", "--device", "tpu", "--attempt", "a.py"], "no device 'tpu'"),
        (["check", "adam", "-k", "no such case", "--attempt", "a.py"], "No case of adam matches"),
        (["check", "adam", "--divice", "cpu"], "--divice"),
        (["chekc", "adam"], "Did you mean: check"),
        (["new", "adm"], "Did you mean: adam"),
        (["new", "adam", "--flavour", "numpy"], "It has: torch"),
        (["explain", "--search", "xyzzy"], "No question contains 'xyzzy'"),
        (["reset", "adam", "--undo"], "no archived attempt"),
        (
            ["debug", "adam", "-k", "nothing like it", "--attempt", "a.py"],
            "No case of adam matches",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_on_the_command_line_says_what_to_type_next(kata, arguments, words):
    kata.write("class Adam: pass\n", "a.py")
    run = kata(*arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err
    assert "Traceback" not in run.err


@pytest.mark.parametrize(
    "arguments", [["check", "adm"], ["check", "adam", "--nonsense"], ["list", "-x"]]
)
def test_with_json_an_error_is_one_object_too(kata, arguments):
    run = kata(*arguments, "--json")
    assert run.code == 2
    assert run.json["schema"] == 1
    assert run.json["outcome"] is None
    assert run.json["error"] in run.err


def test_no_cuda_here_says_which_devices_there_are(kata, reference):
    run = kata.grade(
        *("adam", reference / "adam" / "solution.py", "--device", "cuda"),
        KATA_WARM="0",
        CUDA_VISIBLE_DEVICES="",
    )
    assert run.code == 2
    assert run.json["kind"] == "no-such-device"
    assert "There is no device 'cuda' here. There is: cpu.\nTry: --device cpu" in run.err


@pytest.fixture
def content(kata, root):
    """A copy of one kata, to be spoilt; graded without the warm process of the checkout."""
    for name in ("katas/adam", "reference/adam", "templates"):
        shutil.copytree(root / name, kata.folder / "data" / name)
    kata.env |= {"KATA_DATA": str(kata.folder / "data"), "KATA_WARM": "0"}
    return kata.folder / "data"


def test_a_broken_manifest_is_named_with_its_key(kata, content):
    path = content / "katas" / "adam" / "kata.toml"
    path.write_text(path.read_text("utf-8").replace("minutes = 30", "minutes = 'long'"), "utf-8")
    for command in (["list"], ["check", "adam"], ["show", "adam"]):
        run = kata(*command)
        assert run.code == 2
        assert f"{path}: minutes: must be a whole number, not 'long'" in run.err


def test_a_broken_suite_is_our_fault_and_no_verdict(kata, content, reference):
    suite = content / "reference" / "adam" / "test_adam.py"
    suite.write_text(suite.read_text("utf-8") + "\nraise RuntimeError('spoilt')\n", "utf-8")
    run = kata.grade("adam", reference / "adam" / "solution.py")
    assert (run.code, run.json["outcome"]) == (3, "broken")
    assert "spoilt" in run.json["error"]


def test_a_solution_that_fails_is_our_fault_and_no_verdict(kata, content, reference, with_change):
    solution = content / "reference" / "adam" / "solution.py"
    text = with_change(solution, "            self.t[i] += 1\n", "            self.t[i] += 1 / 0\n")
    solution.write_text(text, "utf-8")
    run = kata.grade("adam", reference / "adam" / "solution.py")
    assert (run.code, run.json["outcome"]) == (3, "broken")
    assert "the solution fails" in run.json["error"]


def test_a_folder_that_cannot_be_written_is_said(kata):
    run = kata("new", "adam", KATA_WORKSPACE="/proc/kata")
    assert (run.code, "KATA_WORKSPACE=DIR" in run.err) == (2, True)
