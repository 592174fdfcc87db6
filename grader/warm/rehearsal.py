"""A throw-away run of everything that a check uses, so that imports and first calls are paid once.

It runs a suite and an attempt of its own: the warm process opens nothing under reference/.
"""

import contextlib
import io
import os
import tempfile
from pathlib import Path

import pytest

from grader.judge import diagnosis, suite  # noqa: F401  (imported for the checks to come)
from grader.judge.bench import Bench, Here, Probe
from grader.judge.tools import Tools
from grader.wire.protocol import Load, Setup

SUITE = """
from pytest import mark

@mark.level("correct")
def test_nothing(probe, close):
    pass
"""

ATTEMPT = """
import torch

def work(x):
    weight = torch.randn(3, 3, device=x.device)
    return torch.softmax(x @ weight, -1).cumsum(-1)
"""

PROBES = """
import torch

def work(attempt, *, x):
    x = x.detach().clone().requires_grad_()
    y = attempt.work(x)
    y.sum().backward()
    return {"y": y, "grad": x.grad}
work.draws = True
"""


class _Plugin:
    @pytest.fixture
    def probe(self) -> None:
        return None

    @pytest.fixture
    def close(self) -> None:
        return None


def rehearse() -> None:
    import torch

    _pytest_once()
    setup = Setup(PROBES, "torch", "cpu", ["work"], ["torch.cdist", "aten.cdist"])
    bench = Bench(Here(setup, Load(ATTEMPT, "rehearsal.py")), "torch", "cpu")
    probe, tools = Probe(bench), Tools(bench)
    x = torch.ones(2, 3)
    for variant in (probe, probe.on_meta, probe.cost):
        value = variant.work(x=x)
    with contextlib.suppress(AssertionError):
        tools.close(value.value, {"y": x, "grad": x})


def _pytest_once() -> None:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    noise = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_rehearsal.py"
        path.write_text(SUITE, "utf-8")
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            pytest.main([*suite.QUIET, f"--rootdir={folder}", str(path)], plugins=[_Plugin()])
