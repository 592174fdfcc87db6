"""The wheel holds all that is needed, and what an attempt may not read lies where it cannot."""

import os
import subprocess
import sys
import sysconfig
import zipfile

import pytest

from grader.sandbox import kernel

SPY = """
print(open({path!r}).read())


class Adam: pass
"""


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, root], check=True, capture_output=True)
    (made,) = folder.glob("torch_katas-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel in it, and the other packages borrowed from this one."""
    home = tmp_path_factory.mktemp("installed") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True, capture_output=True)
    return home


@pytest.fixture
def command(installed, tmp_path):
    """`kata` of that environment, from an empty folder."""
    (tmp_path / "empty").mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = {**kept, "KATA_HOME": str(tmp_path / "home"), "KATA_DEVICE": "cpu", "KATA_WARM": "0"}

    def run(*arguments):
        return subprocess.run(
            [installed / "bin" / "kata", *arguments],
            cwd=tmp_path / "empty",
            env=env,
            capture_output=True,
            text=True,
            timeout=100,
        )

    return run


def test_the_wheel_keeps_the_answers_out_of_the_package(wheel, root):
    names = zipfile.ZipFile(wheel).namelist()
    packages = {name.split("/")[0] for name in names}
    assert {name for name in packages if not name.startswith("torch_katas-")} == {"grader"}
    for folder in ("katas", "reference", "templates"):
        inside = {
            name.partition(f"/share/torch-katas/{folder}/")[2]
            for name in names
            if f".data/data/share/torch-katas/{folder}/" in name
        }
        there = {
            str(path.relative_to(root / folder))
            for path in (root / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert inside == there
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]


def test_installed_it_lists_and_grades_from_an_empty_folder(command, installed, reference):
    listed = command("list")
    assert (listed.returncode, "adam" in listed.stdout, listed.stderr) == (0, True, "")
    begun = command("new", "adam")
    assert (begun.returncode, begun.stderr) == (0, "")
    stub = command("check", "adam")
    assert (stub.returncode, "NOT PASSED" in stub.stdout) == (1, True)
    solved = command("check", "adam", "--attempt", reference / "adam" / "solution.py")
    assert (solved.returncode, solved.stderr) == (0, "")
    share = installed / "share" / "torch-katas"
    assert (share / "reference" / "adam" / "solution.py").is_file()
    assert str(share / "katas") in command("doctor").stdout


def test_installed_an_attempt_cannot_read_the_answers(command, installed, tmp_path):
    """Where the kernel has Landlock; elsewhere `kata doctor` says that it is off."""
    secret = installed / "share" / "torch-katas" / "reference" / "adam" / "solution.py"
    spy = tmp_path / "spy.py"
    spy.write_text(SPY.format(path=str(secret)), "utf-8")
    run = command("check", "adam", "--attempt", str(spy))
    assert run.returncode != 0
    if kernel.landlock_abi():
        assert "PermissionError" in run.stdout
        assert secret.read_text("utf-8").splitlines()[0] not in run.stdout
    else:
        assert "OFF" in command("doctor").stdout
