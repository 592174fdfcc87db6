"""kata watch: which saves count, the view on a real terminal, and the plain lines without one."""

import os
import queue
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader import watching

LONGEST = 90.0  # seconds: only against what never comes
PAUSE = 0.05
REPAIRED = (Path(__file__).parent / "demo" / "adam_repaired.py").read_text("utf-8")
MISTAKEN = (Path(__file__).parent / "demo" / "adam_with_a_mistake.py").read_text("utf-8")
ENDLESS = REPAIRED.replace(
    "    def step(self):\n", "    def step(self):\n        while True: pass\n"
)


def until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(PAUSE)


def save_by_rename(path: Path, text: str) -> None:
    """As vim and most others do."""
    other = path.with_name(f".{path.name}.swp")
    other.write_text(text, "utf-8")
    os.replace(other, path)


def save_in_two_steps(path: Path, text: str) -> None:
    """Truncated first, written a moment later."""
    with open(path, "w", encoding="utf-8") as stream:
        time.sleep(0.06)
        stream.write(text)


class Followed:
    """What `watching.saves` yields for a file, as it comes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: queue.Queue[bytes | None] = queue.Queue()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def follow(self) -> None:
        for content in watching.saves(self.path, self.stop):
            self.seen.put(content)

    def next(self) -> bytes | None:
        return self.seen.get(timeout=LONGEST)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(LONGEST)
        assert not self.thread.is_alive()


@pytest.fixture(params=["", "1"], ids=["reported", "polled"])
def followed(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Followed]:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", request.param)
    path = tmp_path / "attempts" / "adam.py"
    path.parent.mkdir()
    path.write_text("first", "utf-8")
    one = Followed(path)
    assert one.next() == b"first"
    yield one
    one.end()


def test_every_way_of_saving_is_one_save(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "DOUBT_SECONDS", LONGEST)  # however slow this machine is
    followed.path.write_text("in place", "utf-8")
    assert followed.next() == b"in place"
    save_by_rename(followed.path, "by rename")
    assert followed.next() == b"by rename"
    save_in_two_steps(followed.path, "in two steps")
    assert followed.next() == b"in two steps"
    assert followed.seen.empty()


def test_a_touch_and_other_files_are_no_save(followed: Followed) -> None:
    os.utime(followed.path)
    save_by_rename(followed.path, "first")
    (followed.path.parent / "kmeans.py").write_text("another", "utf-8")
    (followed.path.parent / "archive").mkdir()
    time.sleep(0.2)
    followed.path.write_text("second", "utf-8")
    assert followed.next() == b"second"
    assert followed.seen.empty()


def test_a_save_that_keeps_the_time_counts(followed: Followed) -> None:
    before = followed.path.stat()
    followed.path.write_text("other", "utf-8")
    os.utime(followed.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert followed.next() == b"other"


def test_a_file_that_goes_is_told_and_one_that_comes_back_too(followed: Followed) -> None:
    followed.path.unlink()
    assert followed.next() is None
    followed.path.write_text("back", "utf-8")
    assert followed.next() == b"back"


def test_a_folder_that_goes_and_comes_back(followed: Followed) -> None:
    followed.path.unlink()
    followed.path.parent.rmdir()
    assert followed.next() is None
    followed.path.parent.mkdir()
    followed.path.write_text("back", "utf-8")
    assert followed.next() == b"back"
    save_by_rename(followed.path, "and again")
    assert followed.next() == b"and again"


def test_a_link_is_followed_to_its_file(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "adam.py"
    target.parent.mkdir()
    target.write_text("first", "utf-8")
    link = tmp_path / "attempts" / "adam.py"
    link.parent.mkdir()
    link.symlink_to(target)
    followed = Followed(link)
    assert followed.next() == b"first"
    save_by_rename(target, "second")
    assert followed.next() == b"second"
    followed.end()


class View:
    """`kata watch adam` in a terminal of its own."""

    def __init__(self, folder: Path, size: tuple[int, int], **env: str) -> None:
        self.attempt = folder / "attempts" / "adam.py"
        self.attempt.parent.mkdir(parents=True)
        self.attempt.write_text(MISTAKEN, "utf-8")
        self.home = folder / "home"
        self.socket = folder / "tmux"
        width, height = size
        settings = {"KATA_HOME": str(self.home), "KATA_DEVICE": "cpu", "COLUMNS": "200", **env}
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        command = f"{words} {sys.executable} -m grader watch adam"
        shell = (
            f"{command}; echo \"code $?\"; stty -a | tr ';' '\\n' | grep -w icanon; exec sleep 100"
        )
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", f"-x{width}", f"-y{height}", "-c", folder, shell
        )

    def tmux(self, *words: object) -> str:
        call = ["tmux", "-S", str(self.socket), *map(str, words)]
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        done = subprocess.run(call, capture_output=True, text=True, env=environment, check=True)
        return done.stdout

    def screen(self, *options: str) -> str:
        return self.tmux("capture-pane", "-p", *options)

    def shows(self, pattern: str) -> str:
        """Wait for it; the screen that shows it."""
        found = [""]

        def there() -> bool:
            found[0] = self.screen()
            return re.search(pattern, found[0]) is not None

        until(there, lambda: f"no {pattern!r} in\n{found[0]}")
        return found[0]

    def closes(self, key: str) -> None:
        """What lies over the view goes away."""
        self.press(key)
        until(lambda: "esc back" not in self.screen(), self.screen)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def checks(self) -> int:
        """How many checks the history holds; none while it is not made."""
        address = f"file:{self.home / 'history.sqlite'}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True)) as database:
                (number,) = database.execute("SELECT COUNT(*) FROM checks").fetchone()
        except sqlite3.OperationalError:
            return 0
        return int(number)

    def resize(self, width: int, height: int) -> None:
        self.tmux("resize-window", "-x", width, "-y", height)

    def leave(self, key: str) -> str:
        """The screen after the view, which has given the terminal back."""
        self.press(key)
        screen = self.shows(r"code \d+[\s\S]*icanon")
        modes = self.tmux("display", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")
        assert modes.split() == ["0", "1", "0"]
        assert re.search(r"(^|\s)icanon", screen)
        return screen

    def end(self) -> None:
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., View]]:
    views: list[View] = []

    def start(*size: int, **env: str) -> View:
        views.append(View(tmp_path, size, **env))
        return views[-1]

    yield start
    for view in views:
        view.end()


def test_a_session_from_the_first_mistake_to_the_pass(opened: Callable[..., View]) -> None:
    view = opened(80, 24)
    view.shows(r"[1-9] of \d+ failed · \d+\.\d\d s · \d\d:\d\d:\d\d")
    view.shows(r"correct (\d)/\1 +robust \d+/\d+ +fast (\d)/\2")
    view.shows(
        r"✗ epsilon is added after the root[\s\S]*got +float32\[3\][\s\S]*want +float32\[3\]"
    )
    view.shows(r"This looks like: epsilon inside the square root\.\s+Q  Where does epsilon go")
    assert "adam · torch · cpu" in view.screen()
    assert "Most papers of the last ten years" in view.screen()

    view.press("n")
    view.shows(r"failed, 2 of \d, robust[\s\S]*✗ With the default epsilon, gradients of 1e-6")
    view.press("h")
    view.shows(r"hint 1 of 3[\s\S]*Write the six lines")
    view.press("h")
    view.shows(r"hint 2 of 3[\s\S]*Each parameter needs its own")
    view.closes("Escape")
    view.press("e")
    view.shows(r"esc back")
    assert not re.search("check|hint|explain|reset", view.screen().splitlines()[-1])
    view.shows(r"Adam: questions[\s\S]*Where does epsilon go[\s\S]*It is added to the root")
    view.closes("q")

    save_by_rename(view.attempt, REPAIRED)
    view.shows(r"passed · \d+\.\d\d s")
    view.shows(r"All \d+ cases passed\.")
    save_in_two_steps(view.attempt, MISTAKEN)
    view.shows(r"[1-9] of \d+ failed · \d+\.\d\d s")
    until(lambda: view.checks() == 3, lambda: f"{view.checks()} checks")

    os.utime(view.attempt)
    view.attempt.write_text(MISTAKEN, "utf-8")
    view.press("d")
    if "only: cpu" in view.shows(r"This machine has only: cpu|adam · torch · (cuda|mps)"):
        assert view.checks() == 3
    screen = view.leave("q")
    assert "code 0" in screen


def test_an_endless_loop_blocks_nothing(opened: Callable[..., View]) -> None:
    view = opened(100, 30)
    view.attempt.write_text(ENDLESS, "utf-8")
    view.shows(r"checking, \d+ of \d+ · [1-9]\d* s")
    view.press("b")
    view.shows(r"esc back")
    view.closes("b")
    view.shows(r"timeout, 1 of \d+, correct[\s\S]*stopped after")
    save_by_rename(view.attempt, REPAIRED)
    view.shows(r"passed · \d+\.\d\d s")
    view.attempt.write_text(ENDLESS, "utf-8")
    view.shows(r"checking, \d+ of \d+")
    assert "code 0" in view.leave("q")


def test_bad_files_say_why_and_watching_goes_on(opened: Callable[..., View]) -> None:
    view = opened(60, 15, NO_COLOR="1")
    view.shows(r"[1-9] of \d+ failed · ")
    assert not re.search(r"\x1b\[[0-9;]*3[1-7]", view.screen("-e"))
    view.attempt.write_text("def f(:\n", "utf-8")
    view.shows(r"not checked")
    view.shows(r"line\s+1:\s+invalid\s+syntax")
    view.attempt.write_text("", "utf-8")
    view.shows("is empty")
    view.attempt.unlink()
    view.shows("There is no file")
    view.attempt.write_text("class Other: ...\n", "utf-8")
    view.shows("No case could run")
    view.resize(150, 45)
    view.resize(20, 5)
    view.resize(80, 24)
    view.attempt.write_text(REPAIRED, "utf-8")
    view.shows(r"passed · \d+\.\d\d s")
    view.press("r")
    view.shows("Start adam again")
    view.press("n", "n")
    until(lambda: "Start adam again" not in view.screen(), view.screen)
    view.press("r")
    view.shows("Start adam again")
    assert view.attempt.read_text("utf-8") == REPAIRED
    view.press("y")
    view.shows(r"\d+ of \d+ failed · ")
    assert "NotImplementedError" in view.attempt.read_text("utf-8")
    kept = list((view.attempt.parent / "archive").glob("adam.*.py"))
    assert [path.read_text("utf-8") for path in kept] == [REPAIRED]
    assert "code 130" in view.leave("C-c")


def test_a_dumb_terminal_gets_lines(opened: Callable[..., View]) -> None:
    view = opened(80, 50, TERM="dumb")
    view.shows(r"This looks like: epsilon inside[\s\S]*NOT PASSED[\s\S]*Watching ")
    assert "code 130" in view.leave("C-c")


def test_without_a_terminal_it_speaks_in_lines(tmp_path: Path) -> None:
    attempt = tmp_path / "attempts" / "adam.py"
    attempt.parent.mkdir()
    attempt.write_text(MISTAKEN, "utf-8")
    environment = {**os.environ, "KATA_HOME": str(tmp_path / "home"), "KATA_DEVICE": "cpu"}
    with subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", "adam"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        heard = Lines(process.stdout)
        assert "This looks like: epsilon inside the square root." in heard.until("Watching ")
        save_by_rename(attempt, REPAIRED)
        assert "\nPASSED  all " in heard.until("Watching ")
        attempt.write_text("def f(:\n", "utf-8")
        assert "invalid syntax" in heard.until("Watching ")
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST) == 130


def test_a_verdict_that_cannot_be_recorded_is_shown_all_the_same(
    opened: Callable[..., View], tmp_path: Path
) -> None:
    view = opened(80, 24)
    view.shows(r"[1-9] of \d+ failed · ")
    until(lambda: view.checks() == 1, lambda: f"{view.checks()} checks")
    with closing(sqlite3.connect(view.home / "history.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")
    save_by_rename(view.attempt, REPAIRED)
    screen = view.shows("Not in the history")
    assert re.search(r"passed · \d+\.\d\d s", screen)
    view.press("q")
    view.shows("code 0")
    call = [sys.executable, "-m", "grader", "watch", "adam"]
    environment = {**os.environ, "KATA_HOME": str(view.home), "KATA_DEVICE": "cpu"}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(call, cwd=tmp_path, env=environment, **pipes) as process:
        assert process.stdout is not None
        heard = Lines(process.stdout).until("Watching ")
        process.terminate()
    assert "PASSED  all " in heard
    assert "This check is not in the history" in heard


class Lines:
    """A stream read in a thread, so that waiting for it has an end."""

    def __init__(self, stream: Iterator[str]) -> None:
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(
            target=lambda: [self.lines.put(line) for line in stream], daemon=True
        ).start()

    def until(self, word: str) -> str:
        text = ""
        while word not in text:
            text += self.lines.get(timeout=LONGEST)
        return text


def test_what_cannot_be_watched_is_refused_at_once(tmp_path: Path) -> None:
    environment = {**os.environ, "KATA_HOME": str(tmp_path / "home")}
    for words, said in (
        (["watch", "adma"], "Did you mean: adam"),
        (["watch", "adam"], "kata new adam"),
        (["watch", "adam", "--flavour", "numpy"], "no flavour 'numpy'"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "grader", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        assert done.returncode == 2
        assert said in done.stderr
