"""What the tests share: the real command in a process of its own, with a folder and a history of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
# whatever the shell of the tester says, a test starts from the same environment
UNSET = ("NO_COLOR", "FORCE_COLOR", "KATA_WORKSPACE", "KATA_DATA", "KATA_WARM", "EDITOR", "VISUAL")
LONGEST = 100  # seconds: only against a command that never ends

# the same examples in every run, and no clock: what fails here fails everywhere
settings.register_profile("kata", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("kata")

# a job in the background is born deaf to it, and so would be the programs that are tested
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True)
class Run:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout; anything beside it is an error."""
        return json.loads(self.out)


class Runner:
    """Calls `kata` as a learner does, from a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        kept = {name: value for name, value in os.environ.items() if name not in UNSET}
        self.env = {
            **kept,
            "KATA_HOME": str(folder / "home"),
            "KATA_DEVICE": "cpu",
            "COLUMNS": "80",
            "PYTHONPATH": str(ROOT),
        }

    def __call__(self, *arguments: object, stdin: str = "", **env: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "grader", *map(str, arguments)],
            cwd=self.folder,
            env={**self.env, **env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def write(self, text: str | bytes, name: str = "attempt.py") -> Path:
        """A file of the learner's."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def grade(self, slug: str, attempt: str | Path, *options: object, **env: str) -> Run:
        """`kata check --json --no-record` of a text or a file."""
        path = attempt if isinstance(attempt, Path) else self.write(attempt)
        return self("check", slug, "--attempt", path, "--json", "--no-record", *options, **env)


@pytest.fixture
def kata(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    return ROOT / "reference"


@pytest.fixture(scope="session")
def with_change() -> Callable[[Path, str, str], str]:
    """The text of a file with one place changed."""

    def change(path: Path, old: str, new: str) -> str:
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        return text.replace(old, new)

    return change


FACTS = "import json; from grader.warm import client; print(json.dumps(client.facts()))"


@pytest.fixture(scope="session")
def at_rest() -> Callable[[dict[str, str]], set[int]]:
    """The processes that may be there when no check is under way: the warm one, and what stands by."""

    def ask(environment: dict[str, str]) -> set[int]:
        done = subprocess.run(
            [sys.executable, "-P", "-c", FACTS],
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        )
        facts = json.loads(done.stdout)
        if facts is None:
            return set()
        return {facts["pid"], *family([spare["pid"] for spare in facts["spares"]])}

    return ask


def family(pids: list[int]) -> set[int]:
    """These processes and all that descend from them."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text("ascii", "replace").rpartition(")")[2].split()
            parents[int(entry.parent.name)] = int(fields[1])
    found = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


PROBES = """
def work(attempt, **arguments):
    return attempt.work(**arguments)
"""


@pytest.fixture
def drive() -> Callable[..., Any]:
    """One probe call on a text, in this process: the reply, its value decoded as `.value`."""
    from grader.probing.drive import Attempt
    from grader.wire import values
    from grader.wire.protocol import Call, Load, Setup

    def call(
        source: str,
        *,
        mode: str = "plain",
        probe: str = "work",
        probes: str = PROBES,
        forbidden: tuple[str, ...] = (),
        flavour: str = "torch",
        **arguments: Any,
    ) -> Any:
        attempt = Attempt(Setup(probes, flavour, "cpu", ["work"], list(forbidden)))
        loaded = attempt.load(Load(source, "attempt.py"))
        if loaded.raised or loaded.refused or loaded.missing:
            return loaded
        encoded = {name: values.encode(value) for name, value in arguments.items()}
        reply = attempt.call(Call(1, probe, mode, encoded, True))
        reply.value = None if reply.value is None else values.decode(reply.value)
        return reply

    return call
