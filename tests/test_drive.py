"""Whatever an attempt does in a probe call, a reply comes back that says what it was."""

import pytest
import torch

from grader.probing.drive import Attempt
from grader.wire import values
from grader.wire.protocol import Call, Load, Setup

X = torch.tensor([1.0, 2.0, 3.0])


def test_a_value_comes_back(drive):
    reply = drive(
        "def work(x, n): return {'sum': x.sum(), 'all': [x * n, (n, None, 'é')]}", x=X, n=2
    )
    assert reply.value["sum"] == 6
    assert torch.equal(reply.value["all"][0], 2 * X)
    assert reply.value["all"][1] == (2, None, "é")
    assert (reply.raised, reply.changed, reply.random) == (None, [], [])


CHANGED = {
    "in place": "x += 1",
    "one entry": "x[1] = 9.0",
    "through a view": "x.view(3, 1)[0].mul_(5)",
    "through its data": "x.data.zero_()",
    "resized": "x.resize_(2)",
    "to NaN": "x.fill_(float('nan'))",
    "a list": "more['list'].append(4)",
    "a list sorted": "more['list'].sort()",
    "a dict": "more['new'] = 1",
    "a tensor inside": "more['tensor'].add_(1)",
    "put back as another type": "more['list'][:] = [float(n) for n in more['list']]",
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_input_is_named(drive, name):
    more = {"list": [3, 1, 2], "tensor": torch.ones(2)}
    reply = drive(f"def work(x, more):\n    {CHANGED[name]}\n    return 0", x=X, more=more)
    assert reply.changed == ["more" if "more" in CHANGED[name] else "x"]


def test_a_changed_array_of_numpy_is_named(drive):
    assert drive("def work(x):\n    x -= 1\n    return 0", flavour="numpy", x=X).changed == ["x"]


def test_an_input_that_is_put_back_was_not_changed(drive):
    assert drive("def work(x):\n    x += 1\n    x -= 1\n    return 0", x=X).changed == []
    assert drive("def work(x):\n    x = x + 1\n    return x", x=X).changed == []


def test_a_probe_may_declare_what_changes(drive):
    probes = "def work(attempt, *, x, y):\n    attempt.work(x, y)\nwork.changes = ('x',)"
    reply = drive("def work(x, y):\n    x += 1\n    y += 1", probes=probes, x=X, y=X)
    assert reply.changed == ["y"]


RANDOM = {
    "torch": "import torch\ndef work(): return torch.rand(2)",
    "numpy": "import numpy\ndef work(): return float(numpy.random.rand())",
    "random": "import random\ndef work(): return random.random()",
}


@pytest.mark.parametrize("name", RANDOM)
def test_use_of_a_global_random_state_is_named(drive, name):
    assert drive(RANDOM[name]).random == [name]


def test_seeding_a_global_state_is_use_of_it(drive):
    assert drive("import torch\ndef work(): torch.manual_seed(3)").random == ["torch"]


def test_a_generator_of_ones_own_is_no_global_state(drive):
    source = "import torch\ndef work(): return torch.rand(2, generator=torch.Generator())"
    assert drive(source).random == []


def test_a_probe_may_declare_that_it_draws(drive):
    probes = "def work(attempt):\n    return attempt.work()\nwork.draws = True"
    reply = drive(RANDOM["torch"], probes=probes)
    assert reply.random == []
    assert torch.equal(reply.value, drive(RANDOM["torch"], probes=probes).value)


RAISED = {
    "a value error": ("raise ValueError('bad x')", "builtins.ValueError", "bad x"),
    "an exit": ("raise SystemExit(0)", "builtins.SystemExit", "0"),
    "an interrupt": ("raise KeyboardInterrupt", "builtins.KeyboardInterrupt", ""),
    "a stop": ("raise StopIteration", "builtins.StopIteration", ""),
    "a generator's end": ("raise GeneratorExit", "builtins.GeneratorExit", ""),
    "no text": ("raise Silent", "attempt.Silent", "(its message raises ZeroDivisionError)"),
    "text that exits": ("raise Leaving", "attempt.Leaving", "(its message raises SystemExit)"),
    "text of another type": ("raise NoText", "attempt.NoText", "(its message raises TypeError)"),
    "half a character": ("raise ValueError('\\ud800')", "builtins.ValueError", "?"),
    "its own death": ("raise ForbiddenCall", "attempt.ForbiddenCall", ""),
    "too deep": ("work()", "builtins.RecursionError", "maximum recursion depth exceeded"),
    "several": ("raise ExceptionGroup('two', [ValueError(1)])", "builtins.ExceptionGroup", "two"),
    "unhashable": ("raise Odd", "attempt.Odd", ""),
    "no name": ("raise type('', (Exception,), {})", "attempt.", ""),
}
ODD = """
class Silent(Exception):
    def __str__(self): return 1 / 0
class Leaving(Exception):
    def __str__(self): raise SystemExit
class NoText(Exception):
    def __str__(self): return 3
class ForbiddenCall(Exception): pass
class Odd(BaseException):
    __hash__ = None
    def __eq__(self, other): raise ValueError
    def __getattribute__(self, name): raise AttributeError(name)
"""


@pytest.mark.parametrize("name", RAISED)
def test_an_exception_comes_back_as_text(drive, name):
    line, kind, message = RAISED[name]
    reply = drive(f"{ODD}\ndef work():\n    {line}")
    assert reply.raised.types[0] == kind
    assert reply.raised.message.startswith(message)
    assert reply.value is None


def test_a_long_message_and_a_deep_trace_are_cut(drive):
    source = "def down(n):\n    if n: down(n - 1)\n    raise ValueError('x' * 10**6)\ndef work(): down(50)"
    raised = drive(source).raised
    assert len(raised.message) == 2000
    assert len(raised.trace) == 6


def test_a_trace_shows_the_lines_of_the_attempt_alone(drive):
    reply = drive("import json\ndef work():\n    return json.loads('{')")
    assert reply.raised.types[0] == "json.decoder.JSONDecodeError"
    assert reply.raised.trace == ["line 3, in work: return json.loads('{')"]


RETURNS = {
    "itself": ("return work", "a value of type function"),
    "a tensor subclass": ("return Sub(3)", "a tensor subclass, Sub"),
    "a set": ("return {1}", "a value of type set"),
    "a generator": ("return (i for i in [1])", "a value of type generator"),
    "a list in itself": ("x = []\n    x.append(x)\n    return x", "deep"),
    "too much": ("return torch.zeros(9 * 2**20)", "MiB of values"),
    "an odd key": ("return {(1, 2): 3}", "a dict key of type tuple"),
    "a text that is none": ("return '\\ud800'", "a text"),
}
KINDS = """
import torch
class Sub(torch.Tensor): pass
"""


@pytest.mark.parametrize("name", RETURNS)
def test_what_a_reply_cannot_carry_is_said_in_words(drive, name):
    line, words = RETURNS[name]
    reply = drive(f"{KINDS}\ndef work():\n    {line}")
    assert reply.value is None
    assert words in reply.unsupported


LIAR = """
class Liar(list):
    def __iter__(self): return iter([2])
    def __len__(self): return 0
def work(): return Liar([1])
"""


def test_a_list_that_lies_about_its_items_is_read_as_it_is(drive):
    assert drive(LIAR).value == [1]


def test_a_probe_that_reads_a_missing_attribute_is_the_attempts_exception(drive):
    probes = "def work(attempt):\n    return attempt.work().size"
    reply = drive("def work(): return 3", probes=probes)
    assert reply.raised.types[0] == "builtins.AttributeError"


STATE = {
    "dtype": ("torch.set_default_dtype(torch.float64)", "torch.ones(1).dtype == torch.float32"),
    "device": ("torch.set_default_device('meta')", "torch.ones(1).device.type == 'cpu'"),
    "autograd": ("torch.set_grad_enabled(False)", "torch.is_grad_enabled()"),
    "threads": ("torch.set_num_threads(2)", "torch.get_num_threads() == 1"),
    "seed": ("torch.manual_seed(7)", "int(torch.initial_seed()) == 0"),
}


def loaded(source, probes):
    attempt = Attempt(Setup(probes, "torch", "cpu", ["work"], []))
    assert not attempt.load(Load(source, "attempt.py")).raised
    return attempt


@pytest.mark.parametrize("name", STATE)
def test_what_an_attempt_set_for_the_process_is_put_back_for_the_next_call(name):
    change, check = STATE[name]
    source = f"import torch\ndef change(): {change}\ndef work(): return bool({check})"
    probes = "def change(a): a.change()\ndef work(a): return a.work()"
    attempt = loaded(source, probes)
    attempt.call(Call(1, "change", "plain", {}, True))
    for fresh in (True, False):
        reply = attempt.call(Call(2, "work", "plain", {}, fresh))
        assert values.decode(reply.value) is True


def test_a_case_sees_no_globals_of_another_but_keeps_its_own():
    attempt = loaded(
        "n = 0\ndef work():\n    global n\n    n += 1\n    return n", "def work(a): return a.work()"
    )
    seen = [
        attempt.call(Call(i, "work", "plain", {}, fresh)) for i, fresh in enumerate([1, 0, 0, 1])
    ]
    assert [values.decode(reply.value) for reply in seen] == [1, 2, 3, 1]
    assert [reply.number for reply in seen] == [0, 1, 2, 3]


def test_an_attempt_that_cannot_be_imported_says_where(drive):
    raised = drive("x = 1\nimport no_such_module\ndef work(): 0").raised
    assert raised.types[0] == "builtins.ModuleNotFoundError"
    assert raised.trace == ["line 2, in <module>: import no_such_module"]


def test_an_exit_at_import_is_an_exception_like_any_other(drive):
    assert drive("import sys\nsys.exit(0)\ndef work(): 0").raised.types[0] == "builtins.SystemExit"


@pytest.mark.parametrize("source", ["x = 1", "work = 3", "def Work(): 0"])
def test_an_export_that_is_missing_or_cannot_be_called_is_named(drive, source):
    assert drive(source).missing == ["work"]
