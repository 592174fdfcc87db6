"""The source shows a forbidden call by every name it can be written with, and only where it can run."""

import pytest

from grader import catalogue
from grader.probing.scan import first_forbidden

FORBIDDEN = (
    "torch.softmax",
    "torch.nn.functional.softmax",
    "torch.nn.*Norm*",
    "torch.autograd.*",
    "sklearn.*",
    "scipy.special.softmax",
)


def found(source, exports=("work",)):
    return first_forbidden(source, FORBIDDEN, exports)


SHOWN = {
    "the plain name": (
        "import torch\ndef work(x): return torch.softmax(x, -1)",
        "torch.softmax",
        2,
    ),
    "a module by another name": ("import torch as t\nwork = t.softmax", "torch.softmax", 2),
    "a function by another name": (
        "from torch import softmax as s\ndef work(x):\n    return s(x)",
        "torch.softmax",
        3,
    ),
    "F": (
        "import torch.nn.functional as F\n\ndef work(x): return F.softmax(x)",
        "torch.nn.functional.softmax",
        3,
    ),
    "F from its package": (
        "from torch.nn import functional as F\ndef work(x): return F.softmax(x)",
        "torch.nn.functional.softmax",
        2,
    ),
    "the long way": (
        "import torch.nn.functional\ndef work(x): return torch.nn.functional.softmax(x)",
        "torch.nn.functional.softmax",
        2,
    ),
    "a pattern": (
        "from torch import nn\nclass work(nn.Module):\n  def f(s): s.n = nn.LayerNorm(3)",
        "torch.nn.LayerNorm",
        3,
    ),
    "an alias that is only passed on": (
        "import torch\ndef work(x):\n    f = torch.softmax\n    return f(x, -1)",
        "torch.softmax",
        3,
    ),
    "a helper of a helper": (
        "import torch\ndef work(x): return a(x)\ndef a(x): return b(x)\n"
        "def b(x): return torch.softmax(x, -1)",
        "torch.softmax",
        4,
    ),
    "an import inside a function": (
        "def work(x):\n    from torch import softmax\n    return softmax(x, -1)",
        "torch.softmax",
        3,
    ),
    "a forbidden package": ("import sklearn.cluster as c\ndef work(x): 0", "sklearn.cluster", 1),
    "a part of one": ("def work(x):\n    from sklearn import cluster", "sklearn", 2),
    "at the top of the file": ("import torch\nprint(torch.softmax)", "torch.softmax", 2),
    "a decorator": (
        "import torch\n@torch.autograd.function.once\ndef work(x): 0",
        "torch.autograd.function.once",
        2,
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_forbidden_call_is_shown_with_its_line(name):
    source, dotted, line = SHOWN[name]
    assert found(source) == f"line {line}: {dotted}"


ALLOWED = {
    "a comparison with the library": (
        "import torch\ndef work(x): return x\n"
        'if __name__ == "__main__":\n    print(torch.softmax(torch.ones(3), 0))'
    ),
    "a function that nothing reaches": (
        "import torch\ndef work(x): return x\ndef reference(x): return torch.softmax(x, -1)"
    ),
    "a class that nothing reaches": (
        "from torch import nn\ndef work(x): return x\nclass Reference(nn.BatchNorm1d): pass"
    ),
    "reached from the main block only": (
        "import torch\ndef work(x): return x\ndef other(x): return torch.softmax(x, -1)\n"
        'if __name__ == "__main__":\n    other(3)'
    ),
    "a function of one's own by that name": "def softmax(x): return x\ndef work(x): return softmax(x)",
    "a method of one's own by that name": "def work(x): return x.softmax(-1)",
    "words in a text": 'def work(x):\n    """Like torch.softmax."""\n    # torch.softmax(x)',
    "a neighbour": "import torch\ndef work(x): return torch.softplus(x)",
    "a neighbour of one forbidden name": "from scipy.special import expit as work",
    "switches of autograd": "import torch\ndef work(x):\n  with torch.autograd.no_grad(): return x",
    "an import that is not used": "import torch.nn.functional as F\ndef work(x): return x",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_cannot_run_or_is_something_else_is_allowed(name):
    assert found(ALLOWED[name]) == ""


def test_the_first_export_that_is_missing_does_not_hide_the_others():
    source = "import torch\ndef work(x): return torch.softmax(x, -1)"
    assert found(source, ("absent", "work")) == "line 2: torch.softmax"


@pytest.mark.parametrize("kata", catalogue.every(), ids=lambda kata: kata.slug)
def test_no_solution_and_no_right_answer_of_ours_is_suspected(kata):
    files = [kata.solution(flavour) for flavour in kata.flavours]
    files += sorted((kata.reference / "right").glob("*.py"))
    for path in files:
        assert first_forbidden(path.read_text("utf-8"), kata.forbidden, kata.exports) == "", path
