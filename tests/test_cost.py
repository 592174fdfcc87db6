"""Cost is counted, never timed: the same work gives the same figures, more work gives more."""

import gc
import sys
import tracemalloc

import pytest
import torch

A, B = torch.ones(8, 16), torch.ones(16, 32)
FLOAT = 4  # bytes


def measured(drive, body, **arguments):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    flavour = "numpy" if "np." in body else "torch"
    source = f"import numpy as np\nimport torch\ndef work({', '.join(arguments)}):\n{lines}\n"
    return drive(source, mode="cost", flavour=flavour, **arguments)


def cost(drive, body, **arguments):
    reply = measured(drive, body, **arguments)
    assert reply.raised is None, reply.raised
    return reply.cost


def test_the_same_work_costs_the_same(drive):
    body = "y = a @ b\nfor row in y:\n    y = y + row.sum()\nreturn y"
    assert cost(drive, body, a=A, b=B) == cost(drive, body, a=A, b=B)


def test_a_product_costs_two_flops_for_each_pair(drive):
    assert cost(drive, "return a @ b", a=A, b=B).flops == 2 * 8 * 16 * 32
    batched = cost(drive, "return torch.einsum('nij,njk->nik', a, b)", a=A[None], b=B[None])
    assert batched.flops == 2 * 8 * 16 * 32


def test_a_backward_pass_costs_flops_too(drive):
    body = "b.requires_grad_()\n(a @ b).backward(torch.ones(8, 32))\nreturn b.grad"
    assert cost(drive, body, a=A, b=B).flops == 2 * (2 * 8 * 16 * 32)


def test_every_other_operator_costs_its_elements_and_a_view_nothing(drive):
    by_hand = "return (a[:, :, None] * b).sum(1)"
    assert cost(drive, by_hand, a=A, b=B).flops == 2 * 8 * 16 * 32
    assert cost(drive, "return b.T @ a[0]", a=A, b=B).flops == 2 * 16 * 32
    moved = "y = torch.zeros(8, 16)\ny.copy_(a)\nreturn y.T.flatten(0).view(16, 8).split(4)"
    assert cost(drive, moved.replace(".flatten(0)", ""), a=A).flops == 0


def test_a_loop_costs_operations_for_each_round_and_broadcasting_does_not(drive):
    loop = "return torch.stack([row * 2 for row in a])"
    few, many = (cost(drive, loop, a=torch.ones(n, 4)).operations for n in (5, 50))
    assert many == few + 45
    few, many = (cost(drive, "return a * 2", a=torch.ones(n, 4)).operations for n in (5, 50))
    assert many == few


def test_lines_are_those_of_the_attempt_alone(drive):
    assert cost(drive, "return 1").lines == 1
    assert cost(drive, "import json\nreturn json.dumps([1] * 100)").lines == 2
    few, many = (cost(drive, f"for i in range({n}):\n    i\nreturn 1").lines for n in (10, 100))
    assert many == few + 180


def test_lines_of_helpers_and_comprehensions_count(drive):
    body = "def f(i):\n    return i\nreturn [f(i) for i in range(50)]"
    assert cost(drive, body).lines >= 50
    executed = "exec(compile('for i in range(50):\\n    i', 'elsewhere', 'exec'))"
    assert cost(drive, executed).lines >= 100


def test_numbers_that_leave_torch_count_as_lines(drive):
    assert cost(drive, "return a.tolist()", a=A).lines == 1 + A.numel()
    printing = "print(a)\nreturn f'{a.sum()} {a.requires_grad_()}'"
    cost(drive, printing, a=A)  # torch imports more when it first prints
    assert cost(drive, printing, a=A).lines == 2


ESCAPES = {
    "a switch under another name": (
        "from torch.utils._mode_utils import no_dispatch\nwith no_dispatch():\n    return a @ a.T"
    ),
    "all in one line": (
        "from torch.utils._mode_utils import no_dispatch\nwith no_dispatch(): return a @ a.T"
    ),
    "a switch that stays": (
        "from torch.utils._mode_utils import no_dispatch as off\na.off = off()\na.off.__enter__()"
    ),
    "the trace": "import bdb\nb = bdb.Bdb()\nb.botframe = None\nb.set_quit()\nreturn a @ a.T",
    "NumPy": "return torch.from_numpy(a.numpy() @ a.T.numpy())",
    "NumPy, called on a tensor": "from numpy import matmul\nreturn torch.tensor(matmul(a, a.T))",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_what_escapes_the_count_is_not_given_one(drive, name):
    reply = measured(drive, ESCAPES[name], a=A)
    assert reply.cost is None
    assert "count" in reply.raised.message
    gc.collect()  # a switch that stays dies with what holds it
    assert drive("def work(): return 1", mode="cost").cost.lines == 1


def test_compiled_code_is_counted_as_any_other(drive):
    product = "return a @ b"
    compiled = "f = torch.compile(lambda: a @ b, backend='eager')\nreturn f()"
    assert cost(drive, compiled, a=A, b=B).flops == cost(drive, product, a=A, b=B).flops


def test_the_largest_tensor_is_seen_even_where_it_dies_at_once(drive):
    body = "return (a[:, None, :] * a[None, :, :]).sum()"
    assert cost(drive, body, a=A).largest_bytes == 8 * 8 * 16 * FLOAT


def test_the_peak_is_what_lives_at_the_same_time(drive):
    kept = "parts = [torch.zeros(1000) for _ in range(10)]\nreturn len(parts)"
    freed = "for _ in range(10):\n    part = torch.zeros(1000)\n    del part\nreturn 10"
    assert cost(drive, kept).peak_bytes == 10 * 1000 * FLOAT
    assert cost(drive, freed).peak_bytes == 1000 * FLOAT
    assert cost(drive, freed).largest_bytes == 1000 * FLOAT


def test_views_and_writing_in_place_take_no_memory(drive):
    body = "y = torch.zeros(1000)\nz = y.view(10, 100).T[1:]\nz += 1\ny.mul_(2)\nreturn 1"
    assert cost(drive, body).peak_bytes == 1000 * FLOAT


def test_in_numpy_calls_are_counted_and_bytes_traced(drive):
    rows = torch.ones(400, 500, dtype=torch.float64)
    whole, thrice = "return np.multiply(a, 2)", "return [np.multiply(a, n) for n in (2, 3, 4)]"
    few, many = (cost(drive, whole, a=rows[:n]).operations for n in (5, 400))
    assert many == few
    loop = "return np.stack([np.multiply(row, 2) for row in a])"
    few, many = (cost(drive, loop, a=rows[:n]).operations for n in (5, 400))
    assert many >= few + 395
    size = rows.numel() * 8
    assert size <= cost(drive, whole, a=rows).peak_bytes < 1.5 * size
    assert 3 * size <= cost(drive, thrice, a=rows).peak_bytes < 3.5 * size


def test_nothing_stays_switched_on_after_an_exception(drive):
    for flavour in ("torch", "numpy"):
        reply = drive("def work(): raise ValueError", mode="cost", flavour=flavour)
        assert reply.raised.types[0] == "builtins.ValueError"
        assert reply.cost is not None
        assert not tracemalloc.is_tracing()
        assert sys.getprofile() is None


def test_the_trace_of_a_debugger_is_not_left_off(drive):
    """What traced before the call, such as a coverage tool, may go on."""
    before = sys.gettrace()
    drive("def work(): return 1", mode="cost")
    assert sys.gettrace() is before
