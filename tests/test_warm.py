"""The warm process: one of it, private, renewed when the code changes, and no check is lost with it.

Each test has a copy of the package of its own, so that the warm process of the checkout is left alone.
"""

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

PATIENCE = 90  # seconds until a test gives up waiting


def until(condition):
    """Wait for what happens in another process."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE} s in vain")


@pytest.fixture
def own(kata, root):
    """A runner whose warm process nobody shares."""
    folder = Path(
        tempfile.mkdtemp(prefix="kw-")
    )  # short: the path of a socket may have 107 characters
    shutil.copytree(
        root / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("katas", "reference", "templates"):
        (folder / name).symlink_to(root / name)
    kata.env |= {"PYTHONPATH": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")}
    kata.package = folder / "grader"
    (folder / "run").mkdir()
    yield kata
    kata("warm", "stop")
    for pid in processes_of(folder):  # those of a test that failed in the middle
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def processes_of(folder):
    """Every process that belongs to this copy: the warm one, supervisors, judges, sandboxes."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            environment = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
            if f"PYTHONPATH={folder}".encode() in environment and state(int(entry.name)) != "Z":
                found.append(int(entry.name))
    return found


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def warm_pid(kata):
    found = re.search(r"process (\d+)", kata("warm", "status").out)
    return int(found[1]) if found else 0


def started(kata, attempt, *options):
    """A check that runs in the background."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "grader",
            "check",
            "adam",
            "--attempt",
            attempt,
            "--no-record",
            *options,
        ],
        cwd=kata.folder,
        env=kata.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def slow(reference, seconds):
    """A right answer that takes its time with the first case."""
    text = (reference / "adam" / "solution.py").read_text("utf-8")
    return text + (
        "\n\nimport os, time\n_step = Adam.step\n\n"
        "def step(self):\n"
        "    if not os.path.exists('begun'):\n"
        "        open('begun', 'w').close()\n"
        f"        time.sleep({seconds})\n"
        "    return _step(self)\n\nAdam.step = step\n"
    )


def test_the_first_check_starts_one_and_the_next_uses_it(own, reference):
    assert "No warm process" in own("warm", "status").out
    solution = reference / "adam" / "solution.py"
    assert own.grade("adam", solution).code == 0
    pid = warm_pid(own)
    assert own.grade("adam", solution).code == 0
    assert warm_pid(own) == pid

    folders = [path for path in (own.package.parent / "run").rglob("*") if path.is_dir()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in folders] == [0o700, 0o700]

    second = "from grader.warm import client; print(client._start(client._private_folder(), ''))"
    run = [sys.executable, "-P", "-c", second]
    done = subprocess.run(run, env=own.env, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, warm_pid(own)) == ("None\n", pid)
    assert not [path for path in opened_by(pid) if "/reference/" in path]

    assert own("warm", "stop").out == "Stopped.\n"
    until(lambda: state(pid) == "Z")
    assert "No warm process" in own("warm", "status").out
    assert own("warm", "stop").code == 0


def opened_by(pid):
    files = list(Path(f"/proc/{pid}/fd").iterdir())
    return [os.readlink(file) for file in files] + [Path(f"/proc/{pid}/maps").read_text()]


def test_it_is_renewed_when_the_code_changes(own, reference):
    solution = reference / "adam" / "solution.py"
    assert own.grade("adam", solution).code == 0
    before = warm_pid(own)
    module = own.package / "judge" / "compare.py"
    module.write_text(module.read_text("utf-8") + "\n# another version\n", "utf-8")
    assert own.grade("adam", solution).code == 0
    assert warm_pid(own) not in (0, before)
    until(lambda: state(before) == "Z")


def test_a_killed_warm_process_takes_no_check_with_it(own, reference):
    attempt = own.write(slow(reference, 2))
    assert own.grade("adam", reference / "adam" / "solution.py").code == 0
    pid = warm_pid(own)
    check = started(own, attempt, "--json")
    until(lambda: begun(own.package.parent))
    os.kill(pid, signal.SIGKILL)
    out, err = check.communicate(timeout=PATIENCE)
    assert (check.returncode, '"outcome": "passed"' in out, err) == (0, True, "")
    assert own.grade("adam", attempt).code == 0
    assert warm_pid(own) not in (0, pid)


def test_two_first_checks_at_once_are_both_right_and_start_one_process(own, reference, at_rest):
    right = started(own, reference / "adam" / "solution.py", "--json")
    wrong = started(own, reference / "adam" / "wrong" / "betas_swapped.py", "--json")
    for check, code, words in ((right, 0, '"diagnosis": []'), (wrong, 1, '"betas_swapped"')):
        out, err = check.communicate(timeout=PATIENCE)
        assert (check.returncode, words in out, err) == (code, True, "")
    until(lambda: set(processes_of(own.package.parent)) == at_rest(own.env))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_client_that_ends_leaves_no_process_behind(own, reference, at_rest, number):
    check = started(own, own.write(slow(reference, 1000)))
    until(lambda: begun(own.package.parent))
    check.send_signal(number)
    out, err = check.communicate(timeout=PATIENCE)
    until(lambda: set(processes_of(own.package.parent)) == at_rest(own.env))
    if number == signal.SIGINT:
        assert (check.returncode, out, err.strip()) == (130, "", "Interrupted.")


def begun(folder):
    """The attempt's own mark in the scratch folder of its supervisor: the first case is under way."""
    mine = {str(pid) for pid in processes_of(folder)}
    with contextlib.suppress(OSError):  # checks of others come and go there
        marks = Path(tempfile.gettempdir()).glob(f"kata-scratch-{os.getuid()}/check-*/*/begun")
        return [mark for mark in marks if mine & set(mark.parents[1].name.split("-"))]


def test_without_it_nothing_stays_behind(own, reference):
    run = own.grade("adam", reference / "adam" / "solution.py", KATA_WARM="0")
    assert run.code == 0
    until(lambda: not processes_of(own.package.parent))
    assert list((own.package.parent / "run").iterdir()) == []


def test_a_folder_of_somebody_else_is_not_used(own, reference):
    """In a shared /tmp anybody can make a folder, or a link, of the name that is ours."""
    elsewhere = own.package.parent / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (own.package.parent / "run" / f"kata-{os.getuid()}").symlink_to(elsewhere)
    run = own.grade("adam", reference / "adam" / "solution.py")
    assert (run.code, run.json["kind"]) == (2, "warm-failed")
    assert "belongs to somebody else" in run.err
    assert "KATA_WARM=0" in run.err
    assert (stat.S_IMODE(elsewhere.stat().st_mode), list(elsewhere.iterdir())) == (0o755, [])


def spares(kata):
    """Supervisors that stand by, once the warm process has had time to make them ready."""
    return [int(pid) for pid in re.findall(r"stands by: process (\d+)", kata("warm", "status").out)]


def members(supervisor):
    """A supervisor that stands by, and its judge and sandbox once both are there."""
    below = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [supervisor, *map(int, below)] if len(below) == 2 else []


def test_the_next_check_stands_by_and_is_used(own, reference):
    solution = reference / "adam" / "solution.py"
    assert own.grade("adam", solution).code == 0
    (waiting,) = until(lambda: spares(own))
    assert own.grade("kmeans", reference / "kmeans" / "solution.py").code == 0
    until(lambda: len(spares(own)) == 2)
    assert own.grade("adam", solution).code == 0
    until(lambda: state(waiting) == "Z")  # it was that one, and it is gone
    until(lambda: len(spares(own)) == 2)
    assert own.grade("top-p", reference / "top-p" / "solution.py").code == 0
    until(lambda: "top-p" in own("warm", "status").out and len(spares(own)) == 2)


@pytest.mark.parametrize("which", range(3), ids=["supervisor", "one child", "the other child"])
def test_what_stands_by_may_be_killed(own, reference, at_rest, which):
    solution = reference / "adam" / "solution.py"
    assert own.grade("adam", solution).code == 0
    (waiting,) = until(lambda: spares(own))
    os.kill(until(lambda: members(waiting))[which], signal.SIGKILL)
    for _ in range(2):
        run = own.grade("adam", solution)
        assert (run.code, run.json["outcome"], run.err) == (0, "passed", "")
    until(lambda: set(processes_of(own.package.parent)) == at_rest(own.env))


def test_what_stands_by_is_not_used_for_another_suite(own, reference):
    """A kata that is edited between two checks: the old suite is in the memory of the spare."""
    data = own.package.parent
    for name in ("katas", "reference"):
        (data / name).unlink()
        shutil.copytree(reference.parent / name, data / name)
    solution = data / "reference" / "top-p" / "solution.py"
    assert own.grade("top-p", solution).code == 0
    (old,) = until(lambda: spares(own))
    suite = data / "reference" / "top-p" / "test_top_p.py"
    more = '@level("fast")\ndef test_of_today(probe, check):\n    probe.filtered'
    suite.write_text(suite.read_text("utf-8") + f"\n\n{more}\n", "utf-8")
    assert own.grade("top-p", solution).json["outcome"] == "broken"  # it reaches no attempt
    until(lambda: state(old) == "Z" and len(spares(own)) == 1)
