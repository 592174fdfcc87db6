"""The batch normalisation solution against torch.nn.BatchNorm and gradcheck."""

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import nn

REFERENCE = Path(__file__).resolve().parents[2] / "reference"

TWINS = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d}
SHAPES = [(5, 3), (4, 3, 2), (1, 3, 4), (2, 3, 4, 5)]


def load():
    path = REFERENCE / "batchnorm" / "solution.py"
    spec = importlib.util.spec_from_file_location("batchnorm_solution", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BatchNorm


BatchNorm = load()


def batch(*shape, seed=0, dtype=torch.float32):
    draw = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (3 * draw + 1).to(dtype)


def pair(shape, dtype=torch.float32, **hyper):
    """Ours and torch's layer with the same trained state."""
    ours = BatchNorm(shape[1], **hyper).to(dtype)
    twin = TWINS[len(shape)](shape[1], **hyper).to(dtype)
    with torch.no_grad():
        twin.weight.copy_(torch.tensor([1.5, 0.7, -0.4]))
        twin.bias.copy_(torch.tensor([-1.0, 0.2, 0.9]))
        twin.running_mean.copy_(torch.tensor([3.0, -1.0, 0.5]))
        twin.running_var.copy_(torch.tensor([0.4, 2.0, 5.0]))
    ours.load_state_dict(twin.state_dict())
    return ours, twin


def assert_same_state(ours, twin):
    ours, twin = ours.state_dict(), twin.state_dict()
    assert list(ours) == list(twin)
    for key in twin:
        torch.testing.assert_close(ours[key], twin[key])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("dtype", "hyper"),
    [
        (torch.float32, {}),
        (torch.float64, {"eps": 0.5, "momentum": 0.3}),
        (torch.float64, {"momentum": 0.0}),
    ],
)
def test_outputs_gradients_and_buffers_in_both_modes(shape, dtype, hyper):
    ours, twin = pair(shape, dtype, **hyper)
    for step, training in enumerate([True, True, False, True, False]):
        ours.train(training)
        twin.train(training)
        seen = []
        for layer in (ours, twin):
            x = batch(*shape, seed=step, dtype=dtype).requires_grad_()
            layer.zero_grad()
            output = layer(x)
            (output * batch(*shape, seed=9, dtype=dtype)).sum().backward()
            seen.append([output.detach(), x.grad, layer.weight.grad, layer.bias.grad])
        torch.testing.assert_close(
            seen[0], seen[1], rtol=1e-4 if dtype == torch.float32 else 1e-9, atol=1e-5
        )
        assert_same_state(ours, twin)


def test_a_new_layer_has_the_state_of_the_twin():
    assert_same_state(BatchNorm(3), nn.BatchNorm1d(3))
    ours, twin = dict(BatchNorm(3).named_parameters()), dict(nn.BatchNorm1d(3).named_parameters())
    assert list(ours) == list(twin)


def test_a_state_dict_survives_the_round_trip():
    ours = BatchNorm(3, momentum=0.4)
    for seed in range(3):
        ours(batch(4, 3, seed=seed))
    twin = nn.BatchNorm1d(3)
    twin.load_state_dict(ours.state_dict())
    assert_same_state(ours, twin)
    again = BatchNorm(3)
    again.load_state_dict(twin.state_dict())
    assert_same_state(again, ours)
    x = batch(5, 3, seed=8)
    torch.testing.assert_close(ours.eval()(x), twin.eval()(x))


def test_statistics_by_hand():
    """Channel values 1 and 3: mean 2, biased variance 1, unbiased variance 2."""
    layer = BatchNorm(1, eps=0.0, momentum=0.5)
    assert layer(torch.tensor([[1.0], [3.0]])).tolist() == [[-1.0], [1.0]]
    assert layer.running_mean.tolist() == [1.0]
    assert layer.running_var.tolist() == [1.5]
    assert layer.num_batches_tracked.item() == 1


@pytest.mark.parametrize("training", [True, False])
def test_gradcheck(training):
    layer = BatchNorm(2, momentum=0.0).double().train(training)
    x = batch(3, 2, 2, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(layer, x)


def test_float32_near_8192_agrees_with_float64():
    x = 8192 + torch.tensor([[0, 2], [3, -1], [1, 4], [-2, 0], [5, 3]], dtype=torch.float32)
    exact = nn.BatchNorm1d(2).double()(x.double())
    torch.testing.assert_close(BatchNorm(2)(x).double(), exact, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "shape", [(1, 3), (1, 3, 1), (1, 3, 1, 1), (2, 4), (2, 1, 3), (3,), (2, 3, 2, 2, 2)]
)
def test_bad_input_is_refused(shape):
    with pytest.raises(ValueError):
        BatchNorm(3)(batch(*shape))


def test_the_buffers_carry_no_graph():
    layer = BatchNorm(3)
    layer(batch(4, 3).requires_grad_())
    assert not any(buffer.requires_grad for buffer in layer.buffers())
