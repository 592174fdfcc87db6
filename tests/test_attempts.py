"""Attempts that want a pass they did not earn, or that only wreck things: tests/attempts/<case>/, each with
what it tries and what must come of it, graded by the real command."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "attempts"
KATAS = ("adam", "kv-cache", "softmax-ce")
CASE_SECONDS = 2
LEFT_BEHIND = "kata-was-here"


class Gym:
    """A warm process, scratch folder and copy of the katas of our own, so that nobody else's are seen."""

    def __init__(self, folder: Path, at_rest: Callable[[dict[str, str]], set[int]]) -> None:
        self.at_rest = at_rest
        self.runtime = folder / "run"
        self.scratch = folder / "tmp"
        for name in ("katas", "reference", "templates"):
            shutil.copytree(ROOT / name, folder / "data" / name)
        for manifest in (folder / "data" / "katas").glob("*/kata.toml"):
            text = manifest.read_text("utf-8")
            text = re.sub(r"case_seconds = \d+", f"case_seconds = {CASE_SECONDS}", text)
            manifest.write_text(text, "utf-8")
        self.runtime.mkdir(mode=0o700)
        self.scratch.mkdir()
        self.environment = {
            **os.environ,
            "KATA_DATA": str(folder / "data"),
            "KATA_DEVICE": "cpu",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self.scratch),
            "XDG_RUNTIME_DIR": str(self.runtime),
        }

    def check(self, kata: str, attempt: Path, cwd: Path, **more: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the verdict of the real command."""
        done = self.kata(
            "check", kata, "--attempt", str(attempt), "--json", "--no-record", cwd=cwd, **more
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def kata(self, *words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "grader", *words],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=self.environment | more,
            timeout=120,
        )

    def processes(self) -> set[int]:
        """All that descend from our warm process, wherever they have gone: they keep its environment."""
        mark = f"XDG_RUNTIME_DIR={self.runtime}\0".encode()
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes():
                    found.add(int(entry.name))
            except OSError:
                continue  # gone in the meantime, or not ours to read
        return found

    def left_behind(self) -> list[str]:
        """Processes and scratch folders, once those of a finished check have had time to go."""
        deadline = time.monotonic() + 10
        while True:
            resting = self.at_rest(self.environment)
            left = [f"process {pid}" for pid in self.processes() - resting]
            left += [
                str(path)
                for path in self.scratch.glob("kata-scratch-*/check-*")
                if int(path.name.split("-")[1]) not in resting
            ]
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.05)


@pytest.fixture(scope="module")
def gym(at_rest: Callable[[dict[str, str]], set[int]]) -> Iterator[Gym]:
    with tempfile.TemporaryDirectory(prefix="kata-t", dir="/tmp") as folder:  # short: a socket
        gym = Gym(Path(folder), at_rest)
        try:
            yield gym
            for kata in KATAS:
                answer = ROOT / "reference" / kata / "solution.py"
                code, verdict = gym.check(kata, answer, Path(folder))
                assert (code, verdict["outcome"]) == (0, "passed"), verdict
        finally:
            gym.kata("warm", "stop", cwd=Path(folder))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def traces() -> list[Path]:
    folders = (Path.home(), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
    return [folder / LEFT_BEHIND for folder in folders if (folder / LEFT_BEHIND).exists()]


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_attempt(name: str, gym: Gym, tmp_path: Path) -> None:
    expect = tomllib.loads((CASES / name / "expect.toml").read_text("utf-8"))
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    shutil.copytree(CASES / name, work)
    before = contents(work)

    code, verdict = gym.check(
        expect["kata"], work / "attempt.py", work, HOME=str(home), KATA_HOME=str(home / "kata")
    )

    assert (verdict["outcome"], code) == (expect["outcome"], expect["exit"]), said(verdict)
    assert set(expect.get("some", ())) <= {case["outcome"] for case in verdict.get("cases", [])}, (
        said(verdict)
    )
    for words in expect.get("words", ()):
        assert words in said(verdict)
    for words in expect.get("output", ()):
        assert any(words in case["output"] for case in verdict.get("cases", [])), words
    outcomes = {case["name"]: case["outcome"] for case in verdict.get("cases", [])}
    for case in expect.get("passed", ()):
        assert outcomes[case] == "passed", said(verdict)
    assert all(len(case["output"]) < 70_000 for case in verdict.get("cases", []))

    assert gym.left_behind() == []
    assert (contents(home), contents(work), traces()) == ({}, before, [])


def said(verdict: dict[str, Any]) -> str:
    """All words of a verdict about what went wrong."""
    cases = [case for case in verdict.get("cases", []) if case["outcome"] != "passed"]
    lines = [f"{case['name']} {case['outcome']}: {case['message']}" for case in cases]
    return "\n".join([verdict["error"], *dict.fromkeys(lines)])


@pytest.mark.parametrize("name", ["planted_files", "fork_storm"])
def test_attempt_without_a_warm_process(name: str, gym: Gym, tmp_path: Path) -> None:
    expect = tomllib.loads((CASES / name / "expect.toml").read_text("utf-8"))
    work = tmp_path / "work"
    shutil.copytree(CASES / name, work)
    code, verdict = gym.check(expect["kata"], work / "attempt.py", work, KATA_WARM="0")
    assert (verdict["outcome"], code) == (expect["outcome"], expect["exit"]), said(verdict)
    assert gym.left_behind() == []


def test_every_case_says_what_it_tries() -> None:
    whys = [
        tomllib.loads((folder / "expect.toml").read_text("utf-8"))["why"]
        for folder in sorted(CASES.iterdir())
    ]
    assert len(set(whys)) == len(whys) >= 45
