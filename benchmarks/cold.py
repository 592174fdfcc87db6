"""A pytest plugin: a hidden suite on one attempt in an ordinary cold pytest, nothing of ours warm.

`python -m pytest -p benchmarks.cold reference/adam/test_adam.py` with KATA_COLD=slug, KATA_ATTEMPT=file.
"""

import os
from pathlib import Path

import pytest

from grader import catalogue
from grader.judge.answers import bench_of, truth_of
from grader.judge.bench import Bench, Probe
from grader.judge.tools import Tools


def pytest_configure(config: pytest.Config) -> None:
    for mark in ("level", "asks", "flavour"):
        config.addinivalue_line("markers", f"{mark}(...): of the suite")


@pytest.fixture(scope="session")
def kata() -> catalogue.Kata:
    return catalogue.find(os.environ["KATA_COLD"])


@pytest.fixture(scope="session")
def subject(kata: catalogue.Kata) -> Bench:
    return bench_of(kata, Path(os.environ["KATA_ATTEMPT"]), "torch")


@pytest.fixture
def probe(subject: Bench) -> Probe:
    subject.begin_case()
    return Probe(subject)


@pytest.fixture(scope="session")
def truth(kata: catalogue.Kata) -> Probe:
    return Probe(truth_of(kata, "torch"))


@pytest.fixture
def close(subject: Bench) -> object:
    return Tools(subject).close


@pytest.fixture
def raises(subject: Bench) -> object:
    return Tools(subject).raises


@pytest.fixture
def check(subject: Bench) -> object:
    return Tools(subject).check


@pytest.fixture
def flavour() -> str:
    return "torch"
