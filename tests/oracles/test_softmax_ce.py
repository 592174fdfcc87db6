"""softmax-ce: our solutions against torch's losses, autograd, finite differences, arithmetic."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
NAMES = ["W1", "b1", "W2", "b2"]


def load(name):
    path = REFERENCE / "softmax-ce" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"softmax_ce_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class InNumpy:
    """The NumPy solution behind the torch interface."""

    def __init__(self):
        self.module = load("solution_numpy")

    def __getattr__(self, name):
        function = getattr(self.module, name)

        def call(*tensors):
            return as_torch(function(*(tensor.numpy() for tensor in tensors)))

        return call


def as_torch(value):
    if isinstance(value, tuple):
        return tuple(as_torch(item) for item in value)
    if isinstance(value, dict):
        return {key: as_torch(item) for key, item in value.items()}
    return torch.from_numpy(np.asarray(value))


@pytest.fixture(params=["torch", "numpy"])
def ours(request):
    return load("solution") if request.param == "torch" else InNumpy()


def normal(*shape, seed, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def far(dtype):
    """Seven rows of four logits at several heights, and their targets."""
    heights = torch.tensor([[0.0], [1e4], [-1e4], [50.0], [5e3], [-90.0], [1.0]], dtype=dtype)
    logits = 3 * normal(7, 4, seed=1, dtype=dtype) + heights
    logits[6] = torch.tensor([1e4, -1e4, 0.0, 9e3], dtype=dtype)
    return logits, torch.tensor([3, 0, 1, 1, 2, 3, 1])


def layers(dtype=torch.float64):
    X, y = normal(8, 4, seed=2, dtype=dtype), torch.tensor([0, 2, 1, 1, 2, 0, 0, 2])
    shapes = [(4, 6), (6,), (6, 3), (3,)]
    return X, y, [normal(*shape, seed=3 + i, dtype=dtype) for i, shape in enumerate(shapes)]


def turned(value):
    """nn.Linear keeps its weights as (out, in)."""
    return value.T if value.dim() == 2 else value


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 5), (2, 4, 1, 3), (3, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_softmax(ours, shape, dtype):
    logits = 4 * normal(*shape, seed=7, dtype=dtype)
    torch.testing.assert_close(ours.softmax(logits), torch.softmax(logits, -1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_far_logits(ours, dtype):
    logits, targets = far(dtype)
    torch.testing.assert_close(ours.softmax(logits), torch.softmax(logits, -1))
    want = F.cross_entropy(logits, targets)
    torch.testing.assert_close(ours.cross_entropy(logits, targets), want)


def test_distance_by_hand(ours):
    logits = torch.tensor([[1e4, 0.0, -1e4], [0.0, 0.0, 0.0]])
    one, other = (float(ours.cross_entropy(logits[:1], torch.tensor([t]))) for t in (1, 2))
    assert (one, other) == (1e4, 2e4)
    even = float(ours.cross_entropy(logits[1:], torch.tensor([2])))
    assert even == pytest.approx(np.log(3), rel=1e-6)


def test_gradient_is_that_of_autograd(ours):
    logits, targets = far(torch.float64)
    leaf = logits.clone().requires_grad_()
    F.cross_entropy(leaf, targets).backward()
    torch.testing.assert_close(ours.cross_entropy_grad(logits, targets), leaf.grad)


def test_gradient_is_that_of_finite_differences(ours):
    logits, targets = normal(4, 3, seed=8), torch.tensor([2, 0, 2, 1])
    slopes = torch.empty_like(logits)
    for place in np.ndindex(4, 3):
        step = torch.zeros_like(logits)
        step[place] = 1e-6
        above, below = (ours.cross_entropy(logits + side * step, targets) for side in (1, -1))
        slopes[place] = (above - below) / 2e-6
    grad = ours.cross_entropy_grad(logits, targets)
    torch.testing.assert_close(grad, slopes, rtol=1e-7, atol=1e-8)


def test_network_is_that_of_torch(ours):
    X, y, values = layers()
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).double()
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), values, strict=True):
            parameter.copy_(turned(value))
    want = nn.CrossEntropyLoss()(network(X), y)
    want.backward()
    loss, grads = ours.mlp_loss_and_grads(X, y, *values)
    torch.testing.assert_close(loss, want.detach())
    assert list(grads) == NAMES
    for name, parameter in zip(NAMES, network.parameters(), strict=True):
        torch.testing.assert_close(grads[name], turned(parameter.grad), msg=name)


def test_relu_at_zero_is_that_of_torch(ours):
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]], dtype=torch.float64)
    y = torch.tensor([2, 0, 1])
    W1 = torch.tensor([[1.0, -1.0, 2.0, 0.0], [3.0, 1.0, 0.0, -2.0]], dtype=torch.float64)
    b1 = torch.tensor([-1.0, 1.0, 0.0, 2.0], dtype=torch.float64)
    values = [W1, b1, normal(4, 3, seed=9), normal(3, seed=10)]
    assert ((X @ W1 + b1) == 0).sum() == 4
    leaves = [value.clone().requires_grad_() for value in values]
    F.cross_entropy(torch.relu(X @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3], y).backward()
    _, grads = ours.mlp_loss_and_grads(X, y, *values)
    for name, leaf in zip(NAMES, leaves, strict=True):
        torch.testing.assert_close(grads[name], leaf.grad, msg=name)


def test_dtypes(ours):
    for dtype in (torch.float32, torch.float64):
        X, y, values = layers(dtype)
        loss, grads = ours.mlp_loss_and_grads(X, y, *values)
        assert {loss.dtype, *(grad.dtype for grad in grads.values())} == {dtype}
        assert loss.shape == ()
    half = normal(3, 4, seed=11).half()
    torch.testing.assert_close(ours.softmax(half), torch.softmax(half, -1))


@pytest.mark.parametrize("target", [-1, 3, -100])
def test_bad_targets(ours, target):
    X, y, values = layers()
    y[3] = target
    for call in (ours.cross_entropy, ours.cross_entropy_grad):
        with pytest.raises((ValueError, IndexError)):
            call(normal(8, 3, seed=12), y)
    with pytest.raises((ValueError, IndexError)):
        ours.mlp_loss_and_grads(X, y, *values)
