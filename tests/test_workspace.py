"""An attempt is never lost, and whatever is wrong with one is said before anything runs."""

import ast
import contextlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import catalogue, workspace
from grader.errors import AttemptExists, BadAttempt, GraderError

ADAM, SOFTMAX = catalogue.find("adam"), catalogue.find("softmax-ce")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATA_WORKSPACE", str(tmp_path))
    return tmp_path / "attempts"


def everything(folder: Path) -> list[bytes]:
    """What all files hold, those of the archive included."""
    return [path.read_bytes() for path in folder.rglob("*.py")]


def test_a_new_attempt_has_the_brief_on_top_and_the_stub_below(folder):
    path = workspace.new(ADAM, "torch")
    assert path == folder / "adam.py"
    text = path.read_text("utf-8")
    assert ADAM.brief().strip() in text
    assert "kata check adam" in text
    assert text.count("raise NotImplementedError") == ADAM.stub("torch").count(
        "NotImplementedError"
    )


def test_a_second_flavour_has_a_file_of_its_own(folder):
    assert workspace.new(SOFTMAX, "torch") == folder / "softmax-ce.py"
    assert workspace.new(SOFTMAX, "numpy") == folder / "softmax-ce_numpy.py"
    assert "import numpy" in (folder / "softmax-ce_numpy.py").read_text("utf-8")


@pytest.mark.parametrize("kata", catalogue.every(), ids=lambda kata: kata.slug)
def test_every_new_attempt_compiles_in_every_flavour(kata):
    for flavour in kata.flavours:
        text = workspace.read(workspace.new(kata, flavour))
        assert kata.brief().strip() in ast.get_docstring(ast.parse(text), clean=False)


def test_a_second_new_is_refused_and_changes_nothing(folder):
    path = workspace.new(ADAM, "torch")
    path.write_text("mine", "utf-8")
    with pytest.raises(AttemptExists, match="kata new adam --again"):
        workspace.new(ADAM, "torch")
    assert everything(folder) == [b"mine"]


def test_again_keeps_the_old_attempt_in_the_archive(folder):
    path = workspace.new(ADAM, "torch")
    path.write_text("mine", "utf-8")
    workspace.new(ADAM, "torch", again=True)
    assert "NotImplementedError" in path.read_text("utf-8")
    assert [kept.read_text("utf-8") for kept in (folder / "archive").iterdir()] == ["mine"]


def test_a_broken_attempt_is_a_wrong_answer_that_does_not_say_so(folder):
    text = workspace.new(ADAM, "torch", broken=True).read_text("utf-8")
    assert "raise NotImplementedError" not in text
    assert "caught-by" not in text
    assert "explained-by" not in text
    code = ast.parse(text)
    assert ast.get_docstring(code, clean=False).strip().startswith("# Adam")
    body = ast.unparse(ast.Module(code.body[1:], []))
    wrong = [ast.parse(path.read_text("utf-8")).body[1:] for path in ADAM.wrong_answers()]
    assert body in [ast.unparse(ast.Module(each, [])) for each in wrong]


def test_a_broken_attempt_of_a_flavour_is_in_that_flavour():
    text = workspace.new(SOFTMAX, "numpy", broken=True).read_text("utf-8")
    assert "import numpy" in text.split('"""')[-1]


def test_an_order_that_cannot_be_met_leaves_the_attempt_where_it_is(folder):
    path = workspace.attempt_of(ADAM, "numpy")
    path.parent.mkdir()
    path.write_text("mine", "utf-8")
    with pytest.raises(GraderError, match="no wrong answer"):
        workspace.new(ADAM, "numpy", again=True, broken=True)
    assert path.read_text("utf-8") == "mine"


def test_reset_can_be_undone_and_undone_again():
    path = workspace.new(ADAM, "torch")
    path.write_text("mine", "utf-8")
    _, kept = workspace.reset(ADAM, "torch")
    assert kept.read_text("utf-8") == "mine"
    path.write_text("later", "utf-8")
    workspace.undo(ADAM, "torch")
    assert path.read_text("utf-8") == "mine"
    workspace.undo(ADAM, "torch")
    assert path.read_text("utf-8") == "later"


def test_undo_brings_back_every_byte():
    path = workspace.new(ADAM, "torch")
    path.write_bytes(b"caf\xe9\r\nx = 1\r")
    workspace.reset(ADAM, "torch")
    workspace.undo(ADAM, "torch")
    assert path.read_bytes() == b"caf\xe9\r\nx = 1\r"


def test_undo_without_an_archive_says_so():
    with pytest.raises(GraderError, match="no archived attempt of adam"):
        workspace.undo(ADAM, "torch")


def test_undo_does_not_mix_flavours_up():
    for flavour in ("torch", "numpy"):
        workspace.new(SOFTMAX, flavour).write_text(flavour, "utf-8")
        workspace.reset(SOFTMAX, flavour)
    assert workspace.undo(SOFTMAX, "torch")[0].read_text("utf-8") == "torch"


ORDERS = ("new", "again", "broken", "reset", "undo", "edit")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.sampled_from(ORDERS), max_size=8))
def test_no_order_of_commands_loses_a_text(orders, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("KATA_WORKSPACE", str(tmp_path_factory.mktemp("orders")))
    path = workspace.attempt_of(ADAM, "torch")
    for number, order in enumerate(orders):
        before = set(everything(path.parent))
        if order == "edit" and path.exists():
            before -= {path.read_bytes()}
        with contextlib.suppress(GraderError):
            carry_out(order, path, number)
        assert before <= set(everything(path.parent))


def carry_out(order: str, path: Path, number: int) -> None:
    if order == "edit" and path.exists():
        path.write_text(f"# edit {number}\n", "utf-8")
    elif order == "reset":
        workspace.reset(ADAM, "torch")
    elif order == "undo":
        workspace.undo(ADAM, "torch")
    elif order != "edit":
        workspace.new(ADAM, "torch", again=order == "again", broken=order == "broken")


def test_a_folder_that_cannot_be_written_says_what_to_do(monkeypatch):
    monkeypatch.setenv("KATA_WORKSPACE", "/proc/kata")
    with pytest.raises(GraderError, match=r"cannot be made: .*\n.*KATA_WORKSPACE=DIR"):
        workspace.new(ADAM, "torch")


def test_the_attempt_touched_last_is_the_one_meant(folder):
    with pytest.raises(GraderError, match="kata new adam"):
        workspace.last_touched()
    for age, kata in ((20, ADAM), (10, SOFTMAX)):
        path = workspace.new(kata, kata.flavours[-1])
        os.utime(path, (time.time() - age,) * 2)
    (folder / "notes.py").write_text("no kata", "utf-8")
    assert workspace.last_touched() == "softmax-ce"
    os.utime(workspace.attempt_of(ADAM, "torch"))
    assert workspace.last_touched() == "adam"


def test_without_a_flavour_the_one_touched_last_is_found():
    for age, flavour in ((10, "numpy"), (20, "torch")):
        os.utime(workspace.new(SOFTMAX, flavour), (time.time() - age,) * 2)
    path, flavour = workspace.find(SOFTMAX, None)
    assert (path.name, flavour) == ("softmax-ce_numpy.py", "numpy")
    assert workspace.find(SOFTMAX, "torch")[0].name == "softmax-ce.py"


def test_an_attempt_that_was_not_begun_says_how_to_begin():
    with pytest.raises(BadAttempt, match="Start one: kata new softmax-ce --flavour numpy"):
        workspace.find(SOFTMAX, "numpy")


BAD = {
    "empty": (b"", "is empty"),
    "only spaces": (b" \n\t\n", "is empty"),
    "not UTF-8": (b"x = 1\ny = '\xe9'\n", "line 2: not UTF-8"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "line 1: not UTF-8"),
    "a null byte": (b"x = 1\n\ny = '\0'\n", "line 3: a null byte"),
    "a syntax error": (b"def f():\n    return (1 +* 2)\n", "line 2: "),
    "a bracket left open": (b"x = (1,\n", "line 1: '(' was never closed"),
    "a broken indent": (b"if x:\npass\n", "line 2: expected an indented block"),
    "tabs and spaces": (b"if x:\n\ty = 1\n        z = 2\n", "line 3: inconsistent use of tabs"),
    "return outside": (b"return 1\n", "line 1: 'return' outside function"),
    "nested too deep": (b"x = " + b"(" * 5000 + b")" * 5000, "too many nested parentheses"),
    "summed too deep": (b"x = " + b"-" * 99_999 + b"1", "cannot be compiled"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_its_line(name, tmp_path):
    text, words = BAD[name]
    path = tmp_path / "attempt.py"
    path.write_bytes(text)
    with pytest.raises(BadAttempt) as caught:
        workspace.read(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)
    assert path.read_bytes() == text


def test_a_syntax_error_shows_its_line_and_a_caret_below_the_place(tmp_path):
    path = tmp_path / "attempt.py"
    path.write_text("def f():\n    return (1 +* 2)\n", "utf-8")
    with pytest.raises(BadAttempt) as caught:
        workspace.read(path)
    _, line, caret = str(caught.value).splitlines()
    assert line[caret.index("^")] == "*"


def test_a_folder_and_a_missing_file_are_no_attempts(tmp_path):
    with pytest.raises(BadAttempt, match="is a folder"):
        workspace.read(tmp_path)
    with pytest.raises(BadAttempt, match=r"There is no file .*/none.py"):
        workspace.read(tmp_path / "none.py")
    (tmp_path / "file").touch()
    with pytest.raises(BadAttempt, match="cannot be read: Not a directory"):
        workspace.read(tmp_path / "file" / "attempt.py")


def test_a_mark_at_the_start_and_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "attempt.py"
    path.write_bytes("\ufeffx = 'é'\r\n".encode())
    assert workspace.read(path).startswith("x = 'é'")
