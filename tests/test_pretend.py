"""The pretend accelerator refuses what a GPU refuses, and nothing else; its numbers are the right ones."""

import pytest
import torch

X = torch.arange(12.0).reshape(3, 4) - 5
I = torch.tensor([2, 0, 1])  # noqa: E741


def on_device(drive, body, setup="", **arguments):
    """The reply of a function of x (3, 4), i (3,) on the pretend device."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"import torch\nfrom torch import nn\n{setup}\ndef work(x, i):\n{lines}\n"
    return drive(source, mode="meta", **{"x": X, "i": I, **arguments})


MIXED = {
    "arange": "return x + torch.arange(4)",
    "tril": "return x.masked_fill(torch.tril(torch.ones(3, 4)) == 0, 0.0)",
    "zeros": "return torch.cat([x, torch.zeros(1, 4)])",
    "zeros filled in place": "y = torch.zeros(3, 4)\ny += x\nreturn y",
    "a mask": "return torch.where(torch.tensor([True, False, True, True]), x, 0.0)",
    "index_select": "return x.index_select(0, torch.tensor([0, 1]))",
    "gather": "return x.gather(1, torch.zeros(3, 1, dtype=torch.int64))",
    "scatter": "return torch.zeros(3, 4).scatter_(1, i[:, None], 1.0)",
    "matmul": "return x @ torch.ones(4, 2)",
    "matmul from the left": "return torch.eye(3) @ x",
    "einsum": "return torch.einsum('ij,j->i', x, torch.ones(4))",
    "embedding": "return nn.functional.embedding(i, torch.ones(5, 2))",
    "a layer left behind": "return nn.Linear(4, 2)(x)",
    "a list of both": "return torch.stack([x[0], torch.ones(4)])",
    "in place": "x = x.clone()\nx.add_(torch.ones(4))\nreturn x",
    "random numbers": "return x + torch.rand(3, 4, generator=torch.Generator().manual_seed(0))",
    "from Python data": "return x * torch.tensor([1.0, 2.0, 3.0, 4.0])",
    "assigned data": "p = nn.Parameter(x.clone())\np.data = torch.ones(3, 4)\nreturn p.detach()",
}


@pytest.mark.parametrize("name", MIXED)
def test_a_forgotten_device_is_caught(drive, name):
    reply = on_device(drive, MIXED[name])
    assert reply.mixed
    assert reply.value is None


def test_the_operator_and_the_line_are_named(drive):
    reply = on_device(drive, "y = 2 * x\nreturn y + torch.arange(4)")
    assert reply.mixed == "line 6: `add` mixes a tensor on the CPU with one on the device"


def test_mixing_counts_whatever_the_attempt_catches(drive):
    reply = on_device(
        drive, "try:\n    return x + torch.ones(4)\nexcept Exception:\n    return x + 1"
    )
    assert "`add`" in reply.mixed


@pytest.mark.parametrize("value", ["torch.zeros(3)", "[x, torch.zeros(3)]", "{'a': torch.ones(2)}"])
def test_a_result_left_on_the_cpu_is_caught(drive, value):
    assert "a result lives on the CPU" in on_device(drive, f"return {value}").mixed


NUMPY = "can't convert a tensor of the device to numpy"


@pytest.mark.parametrize("body", ["return x.numpy()", "import numpy\nreturn numpy.asarray(x)"])
def test_numpy_has_no_access_to_the_device(drive, body):
    assert NUMPY in on_device(drive, body).mixed


LEGAL = {
    "arange on the device": "return x + torch.arange(4, device=x.device)",
    "a device spelled out": "return x + torch.ones(4).to(x.device)",
    "new_zeros": "return torch.cat([x, x.new_zeros(1, 4)])",
    "zeros_like": "return torch.zeros_like(x) + torch.full_like(x, 2.0) + x",
    "a mask of x": "return x.masked_fill(torch.tril(torch.ones_like(x)) == 0, -1.0)",
    "torch.tensor on the device": "return x * torch.tensor([1.0, 2, 3, 4], device=x.device)",
    "as_tensor on the device": "return x * torch.as_tensor(2.0, device=x.device)",
    "a scalar on the CPU": "return x * torch.tensor(2.0) + torch.tensor(1)",
    "a Python number": "return 3 - x / 2",
    "a CPU index": "return x[torch.tensor([2, 0])]",
    "a CPU mask as index": "return x[torch.tensor([True, False, True])]",
    "a CPU index to write": "y = x.clone()\ny[torch.tensor([0, 2])] = 0.0\nreturn y",
    "an index of both": "return x[torch.arange(3), i]",
    "index_put on the device": "y = x.clone()\ny[torch.arange(3, device=x.device), i] -= 1\nreturn y",
    "gather": "return x.gather(1, i[:, None])",
    "one_hot": "return nn.functional.one_hot(i, 4) * x",
    "copied over": "y = torch.empty(3, 4, device=x.device)\ny.copy_(torch.ones(3, 4))\nreturn y + x",
    "to the CPU and back": "return x.cpu().mul(2).to(x.device)",
    "a generator on the device": (
        "g = torch.Generator(device=x.device).manual_seed(0)\n"
        "return x + torch.rand(3, 4, generator=g, device=x.device) * 0"
    ),
    "views and slices": "y = x.T.contiguous().view(2, 6)[:, ::2]\nreturn y.reshape(-1).unsqueeze(0)",
    "sorted": "values, order = x.sort(dim=1, descending=True)\nreturn values + order",
    "topk and cumsum": "return x.topk(2).values.cumsum(-1)",
    "split and stacked": "return torch.stack([part * 2 for part in x.split(1)])",
    "complex": "return torch.fft.rfft(x).abs()",
    "float16": "return x.half().float().softmax(-1)",
    "with vmap": "return torch.vmap(lambda row: row - row.max())(x)",
    "in place with out": "y = torch.empty_like(x)\ntorch.add(x, 1, out=y)\nreturn y",
    "deepcopied": "import copy\nreturn copy.deepcopy(x)",
    "a default device": "with torch.device(x.device):\n    return x + torch.ones(4)",
    "new_tensor": "return x * x.new_tensor([1.0, 2, 3, 4]) + x.new_tensor(-1)",
    "new_tensor to write": (
        "y = x.clone().view(-1)\ny.index_put_((i,), y.new_tensor(-9.0))\nreturn y"
    ),
    "new": "return x + x.new([1.0, 2, 3, 4]) + x.new(3, 4).zero_() + x.new(x.size()).fill_(1)",
    "new_full": "return x + x.new_full((4,), 2.0) + x.new_ones(3, 1)",
    "a tensor of items": "return x + torch.tensor([x[0, k] for k in range(4)], device=x.device)",
    "type_as": "return i[:, None].type_as(x) + x.type(torch.float64).to(x)",
    "scalar_tensor": "return x + torch.scalar_tensor(2.0, device=x.device)",
    "numpy by force": "return x + float(x.numpy(force=True).sum())",
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_a_gpu_allows_gives_the_numbers_of_the_cpu(drive, name):
    reply = on_device(drive, LEGAL[name])
    assert (reply.mixed, reply.raised) == ("", None)
    plain = drive(
        f"import torch\nfrom torch import nn\ndef work(x, i):\n{indented(LEGAL[name])}", x=X, i=I
    )
    torch.testing.assert_close(reply.value, plain.value)


def indented(body):
    return "\n".join(f"    {line}" for line in body.splitlines())


READ = {
    "item": ("return x[0, 1].item()", -4.0),
    "float": ("return float(x[0, 1])", -4.0),
    "int": ("return int(i[0])", 2),
    "bool": ("return 1 if (x > 100).any() else 2", 2),
    "tolist": ("return i.tolist()", [2, 0, 1]),
    "iteration": ("return [int(each) for each in i]", [2, 0, 1]),
    "an index of Python": ("return [10, 20, 30][i[0]]", 30),
    "range": ("return list(range(i[0]))", [0, 1]),
    "equal": ("return torch.equal(x, x.clone())", True),
    "allclose": ("return torch.allclose(x, x + 1)", False),
    "unique": ("return torch.unique(i % 2).tolist()", [0, 1]),
    "nonzero": ("return (x > 4).nonzero().tolist()", [[2, 2], [2, 3]]),
    "formatted": ("return f'{x[0, 1]:.1f} {i[0]}'", "-4.0 2"),
    "length": ("return [len(x), x.dim(), x.shape[1], x.numel()]", [3, 2, 4, 12]),
    "the kind": ("return [isinstance(x, torch.Tensor), x.is_floating_point()]", [True, True]),
    "an error of its own": ("if (i < 0).any(): raise ValueError(f'bad {i}')\nreturn 0", 0),
}


@pytest.mark.parametrize("name", READ)
def test_values_can_be_read(drive, name):
    body, value = READ[name]
    reply = on_device(drive, body)
    assert (reply.mixed, reply.raised, reply.value) == ("", None, value)


LAYER = """
class Layer(nn.Module):
    def __init__(self, device=None):
        super().__init__()
        self.inner = nn.Linear(4, 2, device=device)
        self.register_buffer("seen", torch.zeros(4, device=device))
        nn.init.ones_(self.inner.weight); nn.init.zeros_(self.inner.bias)

    def forward(self, x):
        self.seen += x.detach().mean(0)
        self.seen.mul_(0.5)
        return self.inner(x) + self.seen.sum()
"""


@pytest.mark.parametrize(
    "made", ["Layer().to(x.device)", "Layer(x.device)", "Layer(device=x.device)"]
)
def test_a_module_is_moved_or_made_there(drive, made):
    reply = on_device(drive, f"layer = {made}\nreturn [layer(x).detach(), layer.seen]", LAYER)
    assert (reply.mixed, reply.raised) == ("", None)
    seen = X.mean(0) / 2
    torch.testing.assert_close(
        reply.value, [X.sum(1, keepdim=True).expand(3, 2) + seen.sum(), seen]
    )


def test_a_buffer_that_is_no_buffer_stays_behind_and_is_caught(drive):
    setup = LAYER.replace(
        'self.register_buffer("seen", torch.zeros(4, device=device))', "self.seen = torch.zeros(4)"
    )
    assert on_device(drive, "return Layer().to(x.device)(x).detach()", setup).mixed


AUTOGRAD = """
p = nn.Parameter(x.clone())
loss = (p.square().sum(1) * i).mean() + nn.functional.relu(p).sum()
loss.backward()
return [loss.detach(), p.grad]
"""
OWN_FUNCTION = """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, up):
        return up * 2 * ctx.saved_tensors[0]
y = x.clone().requires_grad_()
(grad,) = torch.autograd.grad(Square.apply(y).sum(), y)
return grad
"""
OPTIMISER = """
p = nn.Parameter(x.clone())
optimiser = torch.optim.SGD([p], lr=0.1, momentum=0.9)
for _ in range(3):
    optimiser.zero_grad()
    p.square().sum().backward()
    optimiser.step()
return p.detach()
"""
DATA = """
p = nn.Parameter(x.clone())
p.data = p.data * 2
p.data -= 1
p.data.add_(1)
with torch.no_grad():
    p.mul_(3)
return p.detach()
"""


@pytest.mark.parametrize(
    "body",
    [AUTOGRAD, OWN_FUNCTION, OPTIMISER, DATA],
    ids=["autograd", "function", "optimiser", "data"],
)
def test_gradients_and_updates_are_those_of_the_cpu(drive, body):
    reply = on_device(drive, body.strip())
    assert (reply.mixed, reply.raised) == ("", None)
    plain = drive(
        f"import torch\nfrom torch import nn\ndef work(x, i):\n{indented(body.strip())}", x=X, i=I
    )
    torch.testing.assert_close(reply.value, plain.value)


def test_a_gradient_that_meets_the_cpu_is_caught(drive):
    body = "p = nn.Parameter(x.clone())\n(p * 2).backward(torch.ones(3, 4))\nreturn p.grad"
    assert on_device(drive, body).mixed


def test_an_input_changed_in_place_is_still_noticed(drive):
    assert on_device(drive, "x += 1\nreturn x.clone()").changed == ["x"]


def test_the_generator_is_the_real_one_again_afterwards(drive):
    real = torch.Generator
    on_device(drive, "torch.Generator(device=x.device)\nreturn x")
    on_device(drive, "raise ValueError")
    assert torch.Generator is real
