"""`make bench`: every speed that the README claims, measured here and written to results.md.

Medians, and ratios of pairs that were measured in turn in the same run.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from benchmarks import memory  # noqa: E402
from benchmarks.measure import command, median, pair, seconds  # noqa: E402
from grader import catalogue, pipeline  # noqa: E402
from grader.catalogue import Kata  # noqa: E402
from grader.judge.answers import bench_of, truth_of  # noqa: E402
from grader.judge.suite import Suite, run_case  # noqa: E402

BETWEEN_SAVES = 1.0  # seconds: the next check is ready long before a person saves again
KATA = str(Path(sys.executable).with_name("kata"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="sections that contain this text")
    options = parser.parse_args()
    torch.set_num_threads(1)
    lines = [*machine()]
    with tempfile.TemporaryDirectory() as home:
        os.environ["KATA_HOME"] = home
        for section in (checks, limit, light, watch, rate, extra_memory, growth, long_history):
            if options.only in section.__name__:
                for line in section(options.rounds):
                    print(line, flush=True)
                    lines.append(line)
    if not options.only:
        (ROOT / "benchmarks" / "results.md").write_text("\n".join(lines) + "\n", "utf-8")


def machine() -> Iterator[str]:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    yield "# What `make bench` measured"
    yield ""
    yield f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
    yield f"Python {platform.python_version()}, torch {torch.__version__}."
    yield "Medians; a ratio is the median over rounds of pairs measured in turn in one run."
    yield f"Between two checks of one kata {BETWEEN_SAVES:g} s pass, as between two saves, save where"
    yield "checks per second are counted."
    yield ""
    yield f"The processor during this run: a million additions in Python take {_additions():.3f} s."


def _additions() -> float:
    def add() -> None:
        total = 0
        for number in range(1_000_000):
            total += number

    return median(add, 5)


def checks(rounds: int) -> Iterator[str]:
    """Whole process: a warm `kata check` of the solution against a cold pytest of the same suite."""
    yield "\n## A check, whole process\n"
    yield "| kata | cases | warm `kata check` | cold pytest, same suite | ratio |"
    yield "|---|---|---|---|---|"
    for kata in catalogue.every():
        solution = str(kata.solution("torch"))
        warm = command([KATA, "check", kata.slug, "--attempt", solution, "--device", "cpu"])
        cold = command(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "benchmarks.cold", "--noconftest"),
                *("-c", os.devnull, "-p", "no:cacheprovider", str(kata.suite)),
            ],
            KATA_COLD=kata.slug,
            KATA_ATTEMPT=solution,
            PYTHONPATH=str(ROOT),
        )
        mine, theirs, ratio = pair(warm, cold, rounds, pause=BETWEEN_SAVES)
        count = len(_suite(kata).items)
        yield f"| {kata.slug} | {count} | {mine:.3f} s | {theirs:.2f} s | {ratio:.1f} × |"


def limit(rounds: int) -> Iterator[str]:
    """The request alone against the same cases run in-process with torch imported."""
    yield "\n## The request alone, against the same cases in-process (the limit)\n"
    yield "| kata | request | in-process | difference |"
    yield "|---|---|---|---|"
    for kata in catalogue.every():
        request = lambda kata=kata: _grade(kata)  # noqa: E731
        mine, theirs, _ = pair(request, _in_process(kata), rounds, pause=BETWEEN_SAVES)
        yield f"| {kata.slug} | {mine:.3f} s | {theirs:.3f} s | {mine - theirs:+.3f} s |"


def light(rounds: int) -> Iterator[str]:
    yield "\n## Commands that need no torch\n"
    yield "| command | time | `python -c pass` | ratio |"
    yield "|---|---|---|---|"
    bare = command([sys.executable, "-c", "pass"])
    with tempfile.TemporaryDirectory() as folder:
        many = _thousand_katas(Path(folder))
        for words, environment in (
            (["--help"], {}),
            (["list"], {}),
            (["list"], {"KATA_DATA": str(many)}),
        ):
            mine, theirs, ratio = pair(
                command([KATA, *words], **environment), bare, max(rounds, 15)
            )
            name = f"kata {words[0]}" + (" (1000 katas)" if environment else "")
            yield f"| `{name}` | {mine:.3f} s | {theirs:.3f} s | {1 / ratio:.1f} × |"


def watch(rounds: int) -> Iterator[str]:
    """From os.replace of the attempt to the verdict's last line, `kata watch` in plain lines."""
    yield "\n## Save to verdict in `kata watch`\n"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        subprocess.run([KATA, "new", "adam"], cwd=work, check=True, stdout=subprocess.DEVNULL)
        attempt = work / "attempts" / "adam.py"
        shutil.copy(catalogue.find("adam").solution("torch"), attempt)
        process = subprocess.Popen(
            [KATA, "watch", "adam", "--device", "cpu"],
            cwd=work,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TERM": "dumb", "PYTHONUNBUFFERED": "1"},
        )
        verdicts = _Verdicts(process)
        verdicts.wait(1)
        times = []
        for number in range(2 * rounds):
            new = work / "new.py"
            new.write_text(attempt.read_text("utf-8") + f"\n# save {number}\n", "utf-8")
            start = time.perf_counter()
            os.replace(new, attempt)
            times.append(verdicts.wait(number + 2) - start)
            time.sleep(BETWEEN_SAVES)
        process.terminate()
        process.wait()
    yield f"Median of {len(times)} saves of adam: {statistics.median(times):.3f} s."


class _Verdicts:
    """The moments at which `kata watch` printed a verdict."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.moments: list[float] = []
        self.changed = threading.Condition()
        self.process = process
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "PASSED" in line or "NOT PASSED" in line:
                with self.changed:
                    self.moments.append(time.perf_counter())
                    self.changed.notify()

    def wait(self, count: int) -> float:
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.moments) >= count, timeout=60):
                raise RuntimeError("kata watch printed no verdict within a minute")
            return self.moments[count - 1]


def rate(rounds: int) -> Iterator[str]:
    yield "\n## Checks per second (adam, requests without process start)\n"
    kata = catalogue.find("adam")
    _grade(kata)
    for at_once in (1, 2):
        number = 6 * rounds

        def burst(at_once: int = at_once, number: int = number) -> None:
            with ThreadPoolExecutor(at_once) as pool:
                list(pool.map(lambda _: _grade(kata), range(number)))

        yield f"- {at_once} at a time: {number / seconds(burst):.1f}"


def extra_memory(rounds: int) -> Iterator[str]:
    yield "\n## Memory of a check beyond what is shared\n"
    yield "| kata | the most during a check | the next one, standing by |"
    yield "|---|---|---|"
    for kata in catalogue.every():
        peak, resting = memory.peak_of(lambda kata=kata: _grade(kata))
        yield f"| {kata.slug} | {peak:.0f} MB | {resting:.0f} MB |"


def growth(rounds: int) -> Iterator[str]:
    """The first k cases of one suite, for growing k."""
    yield "\n## How the time grows with the number of cases (adam's suite)\n"
    kata = catalogue.find("adam")
    text = kata.suite.read_text("utf-8")
    pieces = text.split("\n@level(")
    with tempfile.TemporaryDirectory() as folder:
        for count in (5, 10, 20, len(pieces) - 1):
            data = Path(folder) / str(count)
            shutil.copytree(ROOT / "katas" / "adam", data / "katas" / "adam")
            shutil.copytree(ROOT / "reference" / "adam", data / "reference" / "adam")
            (data / "templates").mkdir()
            suite = data / "reference" / "adam" / kata.suite.name
            suite.write_text("\n@level(".join(pieces[: count + 1]), "utf-8")
            check = command(
                [KATA, "check", "adam", "--attempt", str(kata.solution("torch")), "--no-record"],
                KATA_DATA=str(data),
                KATA_DEVICE="cpu",
            )
            yield f"- {count} cases: {median(check, rounds):.3f} s"
            command([KATA, "warm", "stop"], KATA_DATA=str(data))()


def long_history(rounds: int) -> Iterator[str]:
    yield "\n## With 100,000 checks in the history\n"
    with tempfile.TemporaryDirectory() as home:
        fill = [sys.executable, str(ROOT / "benchmarks" / "fill_history.py"), "100000"]
        command(fill, KATA_HOME=home, PYTHONPATH=str(ROOT))()
        for words in (["next"], ["stats"], ["history"]):
            yield f"- `kata {words[0]}`: {median(command([KATA, *words], KATA_HOME=home), rounds):.3f} s"


def _suite(kata: Kata) -> Suite:
    suite = Suite(kata, "torch", "cpu")
    suite.collect()
    return suite


def _grade(kata: Kata) -> None:
    solution = kata.solution("torch")
    verdict = pipeline.grade(kata, solution.read_text("utf-8"), solution, "torch", "cpu")
    if not verdict.passed:
        raise RuntimeError(f"the solution of {kata.slug} does not pass: {verdict.error}")


def _in_process(kata: Kata):  # type: ignore[no-untyped-def]
    suite = _suite(kata)
    truth = truth_of(kata, "torch")
    subject = bench_of(kata, kata.solution("torch"), "torch")

    def run() -> None:
        for item in suite.items:
            run_case(item, subject, truth)

    return run


def _thousand_katas(folder: Path) -> Path:
    slugs = catalogue.slugs()
    for number in range(1000):
        kata = folder / "katas" / f"{slugs[number % len(slugs)]}-{number}"
        kata.mkdir(parents=True)
        source = ROOT / "katas" / slugs[number % len(slugs)] / "kata.toml"
        shutil.copy(source, kata / "kata.toml")
    return folder


if __name__ == "__main__":
    main()
