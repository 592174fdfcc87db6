"""`kata new --edit`: what an editor may do, the attempt is written and nobody sees a traceback."""

import pytest


@pytest.mark.parametrize(
    "editor, code, words",
    [
        ("no-such-editor -n", 2, "The editor 'no-such-editor' cannot be started: No such file"),
        ("false", 0, "The editor 'false' ended with code 1."),
        ("'open", 2, "is no command"),
    ],
)
def test_an_editor_that_fails_is_said_and_the_attempt_is_there(kata, editor, code, words):
    run = kata("new", "adam", "--edit", EDITOR=editor)
    assert run.code == code
    assert "Wrote attempts/adam.py" in run.out
    assert words in run.err
    assert "Name another: unset EDITOR; kata config set editor vim" in run.err
    assert "Traceback" not in run.err
    assert (kata.folder / "attempts" / "adam.py").exists()


def test_an_editor_of_the_settings_is_changed_there(kata):
    kata("config", "set", "editor", "no-such-editor")
    run = kata("new", "adam", "--edit")
    assert run.code == 2
    assert run.err.endswith("\nName another: kata config set editor vim\n")
