"""The solution of the kata `adam` against torch.optim.Adam and arithmetic by hand."""

import importlib.util
import math
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).resolve()
REFERENCE = Path(__file__).resolve().parents[2] / "reference"


def load(path):
    spec = importlib.util.spec_from_file_location("adam_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Adam = load(REFERENCE / "adam" / "solution.py").Adam

SHAPES = (), (3,), (3,), (2, 5), (2, 3, 1, 2)
SETTINGS = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "eps": 0.05},
    {"lr": 0.05, "betas": (0.3, 0.8), "weight_decay": 0.5},
    {"lr": 0.1, "betas": (0.0, 0.9)},
    {"lr": 0.1, "betas": (0.9, 0.0), "eps": 0.0},
    {"lr": 0.0, "weight_decay": 0.1},
]


def parameters(dtype, seed=0):
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(shape, generator=generator, dtype=dtype) for shape in SHAPES]
    return [torch.nn.Parameter(value) for value in drawn]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize("settings", SETTINGS)
def test_twelve_steps_agree_with_torch_with_gradients_missing_now_and_then(settings, scale, dtype):
    ours, theirs = parameters(dtype), parameters(dtype)
    optimizer, oracle = Adam(iter(ours), **settings), torch.optim.Adam(theirs, **settings)
    generator = torch.Generator().manual_seed(1)
    tolerance = 1e-11 if dtype == torch.float64 else 2e-5
    for _ in range(12):
        for mine, other in zip(ours, theirs, strict=True):
            grad = scale * torch.randn(mine.shape, generator=generator, dtype=dtype)
            missing = torch.rand((), generator=generator) < 0.3
            mine.grad, other.grad = (None, None) if missing else (grad, grad.clone())
        optimizer.step()
        oracle.step()
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other, rtol=tolerance, atol=tolerance)
            if mine.grad is not None:
                assert torch.equal(mine.grad, other.grad)


def test_a_training_loop_agrees_with_torch():
    torch.manual_seed(0)
    inputs, targets = torch.randn(16, 5), torch.randn(16, 2)
    ours = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 2))
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 2))
    theirs.load_state_dict(ours.state_dict())
    optimizer = Adam(ours.parameters(), lr=0.02, weight_decay=0.01)
    oracle = torch.optim.Adam(theirs.parameters(), lr=0.02, weight_decay=0.01)
    for _ in range(25):
        for model, each in ((ours, optimizer), (theirs, oracle)):
            each.zero_grad()
            loss = (model(inputs) - targets).square().mean()
            loss.backward()
            each.step()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)


def test_two_steps_by_hand():
    lr, b1, b2, eps, decay = 0.1, 0.6, 0.8, 0.01, 0.25
    theta, m, v = 2.0, 0.0, 0.0
    param = torch.nn.Parameter(torch.tensor([theta], dtype=torch.float64))
    optimizer = Adam([param], lr=lr, betas=(b1, b2), eps=eps, weight_decay=decay)
    for t, grad in enumerate([0.3, -0.8], start=1):
        param.grad = torch.tensor([grad], dtype=torch.float64)
        optimizer.step()
        total = grad + decay * theta
        m, v = b1 * m + (1 - b1) * total, b2 * v + (1 - b2) * total**2
        theta -= lr * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + eps)
        assert param.item() == pytest.approx(theta, rel=1e-14)


def test_epsilon_under_the_root_would_be_a_floor_of_a_ten_thousandth():
    param = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = Adam([param], lr=1.0)
    param.grad = torch.tensor([1e-5], dtype=torch.float64)
    optimizer.step()
    assert -param.item() == pytest.approx(1.0, abs=2e-3)
    assert 1e-5 / math.sqrt(1e-10 + 1e-8) == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lr": -1e-3},
        {"eps": -1e-8},
        {"weight_decay": -0.1},
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.9)},
        {"betas": (0.9, -0.1)},
    ],
)
def test_both_refuse_the_same_settings(wrong):
    for optimizer in (Adam, torch.optim.Adam):
        with pytest.raises(ValueError):
            optimizer(parameters(torch.float32), **wrong)


@pytest.mark.parametrize("nothing", [list, lambda: iter(())])
def test_both_refuse_no_parameters(nothing):
    for optimizer in (Adam, torch.optim.Adam):
        with pytest.raises(ValueError):
            optimizer(nothing())
