"""Forbidden calls are refused as they run, through every door; what is allowed goes on as before."""

import sys

import pytest
import torch

from grader.probing.guard import ForbiddenCall, Guard

FORBIDDEN = (
    "torch.softmax",
    "torch.Tensor.softmax",
    "torch.special.softmax",
    "torch.nn.functional.softmax",
    "torch.nn.Softmax",
    "torch.optim.*",
    "torch.autograd.backward",
    "aten._softmax",
    "colorsys.*",
)
X = torch.tensor([[1.0, 2.0], [3.0, 5.0]])

DOORS = {
    "the function": "import torch\ndef work(x): return torch.softmax(x, -1)",
    "by keyword": "import torch\ndef work(x): return torch.softmax(input=x, dim=-1)",
    "by another name": "from torch import softmax as s\n\ndef work(x): return s(x, -1)",
    "the functional": "import torch.nn.functional as F\ndef work(x): return F.softmax(x, -1)",
    "the method": "def work(x): return x.softmax(-1)",
    "the method of the class": "import torch\ndef work(x): return torch.Tensor.softmax(x, -1)",
    "the module": "import torch\ndef work(x): return torch.nn.Softmax(-1)(x)",
    "a name put together": "import torch\ndef work(x): return getattr(torch, 'soft' + 'max')(x, -1)",
    "the dict of the module": "import torch\ndef work(x): return vars(torch)['softmax'](x, -1)",
    "the class below": "import torch\ndef work(x): return torch._C.TensorBase.softmax(x, -1)",
    "the functions below": "import torch\ndef work(x): return torch._C._VariableFunctions.softmax(x, -1)",
    "the operator": "import torch\ndef work(x): return torch.ops.aten._softmax(x, -1, False)",
    "the operator above": "import torch\ndef work(x): return torch.ops.aten.softmax.int(x, -1)",
    "an overload": "import torch\ndef work(x): return torch.ops.aten._softmax.default(x, -1, False)",
    "the reference in Python": "import torch\ndef work(x): return torch._refs.softmax(x, -1)",
    "imported late": "def work(x):\n    import torch.special as s\n    return s.softmax(x, -1)",
    "evaluated": "import torch\ndef work(x): return eval('torch.softmax(x, -1)')",
    "mapped": "import torch\ndef work(x): return torch.vmap(lambda r: r.softmax(0))(x)",
    "swallowed": (
        "import torch\ndef work(x):\n"
        "    try: return torch.softmax(x, -1)\n"
        "    except BaseException: return x.exp() / x.exp().sum(-1, keepdim=True)"
    ),
    "a door torn out": "import torch\ndef work(x):\n    del torch.Tensor.softmax\n    return x.softmax(-1)",
    "everything under a pattern": "import torch\ndef work(x): torch.optim.AdamW([x])",
    "a module under a pattern": (
        "import sys\ndef work(x): sys.modules['torch.optim.adam'].adam([x], [x], [], [], [], [])"
    ),
    "a private function under a pattern": (
        "import sys\ndef work(x): sys.modules['torch.optim.adam']._single_tensor_adam([x])"
    ),
    "a way backwards in C++": (
        "import torch\n"
        "script = torch.jit.CompilationUnit('def back(x: Tensor):\\n x.backward()\\n return 1\\n')\n"
        "def work(x): script.back((x.clone().requires_grad_() ** 2).sum())"
    ),
}


@pytest.mark.parametrize("name", DOORS)
def test_a_forbidden_door_is_refused(drive, name):
    reply = drive(DOORS[name], forbidden=FORBIDDEN, x=X)
    assert reply.refused
    assert torch.softmax(X, -1).shape == X.shape  # and open again for everybody else


@pytest.mark.parametrize("mode", ["plain", "meta", "cost"])
def test_a_door_is_shut_in_every_mode(drive, mode):
    reply = drive(DOORS["the operator above"], forbidden=FORBIDDEN, mode=mode, x=X)
    assert "aten._softmax" in reply.refused


def test_the_refusal_names_the_call_and_the_line_of_the_attempt(drive):
    source = "import torch\n\ndef work(x):\n    y = x + 1\n    return torch.softmax(y, -1)"
    assert drive(source, forbidden=FORBIDDEN, x=X).refused == "line 5: torch.softmax"


def test_a_refusal_is_not_told_as_an_exception_of_the_attempt(drive):
    reply = drive(DOORS["the function"], forbidden=FORBIDDEN, x=X)
    assert reply.raised is None
    assert reply.value is None


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nY = torch.softmax(torch.ones(2), 0)\ndef work(x): return x",
        "import torch\nclass Mine(torch.nn.Softmax): pass\ndef work(x): return Mine(-1)(x)",
    ],
    ids=["called", "derived"],
)
def test_a_door_is_shut_while_the_file_is_imported(drive, source):
    assert drive(source, forbidden=FORBIDDEN, x=X).refused.startswith("line 2: torch.")


def test_a_forbidden_package_cannot_be_imported(drive, monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    loaded = drive("import colorsys\ndef work(x): return x", forbidden=FORBIDDEN, x=X)
    assert loaded.raised.types[0] == "builtins.ModuleNotFoundError"
    assert loaded.raised.message == "colorsys is forbidden in this kata"


def test_what_a_library_imports_is_its_own_affair(drive, monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    source = "import pydoc\ndef work(x): return pydoc.locate('colorsys').__name__"
    reply = drive(source, forbidden=FORBIDDEN, x=X)
    assert (reply.refused, reply.value) == ("", "colorsys")


def test_nothing_is_behind_a_stand_in():
    with Guard(FORBIDDEN, "attempt.py") as guard:
        names = [torch.softmax.__globals__, *(vars(sys.meta_path[0]).values())]
        cells = [cell.cell_contents for cell in torch.softmax.__closure__]
        refuse = next(value for value in cells if callable(value))
        (keep,) = (cell.cell_contents for cell in refuse.__closure__)
        for thing in (guard, Guard, *(door.had for door in guard.doors if door.had is not None)):
            assert all(thing is not value for value in (*names, *names[0].values(), *cells))
    assert type(keep.__self__).__name__ == "generator"  # its names are in a frame, out of reach


ALLOWED = {
    "its own softmax": "def work(x):\n    e = x.exp()\n    return e / e.sum(-1, keepdim=True)",
    "a neighbour": "import torch\ndef work(x): return torch.log_softmax(x, -1).exp()",
    "a type looked at": (
        "import torch\ndef work(x):\n    assert not isinstance(x, torch.nn.Softmax)\n    return x"
    ),
    "a tensor printed": "def work(x):\n    assert f'{x}' == repr(x)\n    return x",
    "an engine looked for": (
        "import torch\ndef work(x):\n"
        "    assert not isinstance(x, torch._C._ImperativeEngine)\n    return x"
    ),
    "a graph that is not run backwards": (
        "def work(x): return (x.clone().requires_grad_() ** 2).detach()"
    ),
    "a name looked at": "import torch\ndef work(x):\n    torch.softmax\n    return x",
    "a function that is never called": (
        "import torch\ndef other(x): return torch.softmax(x, -1)\ndef work(x): return x"
    ),
    "a main block": (
        "import torch\ndef work(x): return x\n"
        "if __name__ == '__main__': torch.softmax(torch.ones(1), 0)"
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_runs(drive, name):
    reply = drive(ALLOWED[name], forbidden=FORBIDDEN, x=X)
    assert reply.refused == ""
    assert reply.raised is None
    assert reply.value.shape == X.shape


def doors():
    """Everything that a guard may lay hands on."""
    owners = (
        torch,
        torch.Tensor,
        torch.nn.functional,
        torch.special,
        torch.optim,
        torch.nn.Softmax,
    )
    state = {
        (repr(owner), name): id(value) for owner in owners for name, value in vars(owner).items()
    }
    return state, list(sys.meta_path)


@pytest.mark.parametrize("ending", [None, ValueError, KeyboardInterrupt])
def test_the_guard_restores_everything_however_it_ends(ending):
    guard = Guard(FORBIDDEN, "attempt.py")
    before = doors()
    for _ in range(2):
        try:
            with guard:
                assert doors() != before
                if ending:
                    raise ending
        except (ValueError, KeyboardInterrupt):
            pass
        assert doors() == before


def test_the_guard_keeps_the_first_refusal():
    guard = Guard(FORBIDDEN, "attempt.py")
    with guard:
        for call in (X.softmax, torch.nn.functional.softmax):
            with pytest.raises(ForbiddenCall, match="is forbidden in this kata"):
                call(-1)
    assert guard.refused == "torch.Tensor.softmax"


def test_a_forbidden_name_that_this_version_does_not_have_is_no_error():
    with Guard(["torch.no_such_softmax", "no_such_package.*", "aten.no_such"], "attempt.py"):
        assert torch.softmax(X, -1).shape == X.shape
