"""`kata check --json`: the object that was promised, and no pass that was not earned."""

import pytest

VERDICT = {
    *("kata", "flavour", "device", "outcome", "seconds", "levels", "cases", "diagnosis"),
    *("questions", "schema", "error", "selected"),
}
CASE = {
    *("name", "claim", "level", "outcome", "seconds", "message", "output", "details"),
    "asks",
}
OUTCOMES = {"passed", "failed", "timeout", "crashed", "refused", "broken"}


def outcomes(run):
    return {case["name"]: case["outcome"] for case in run.json["cases"]}


@pytest.mark.parametrize("flavour", ["torch", "numpy"])
def test_the_solution_passes_and_the_object_has_the_promised_keys(kata, reference, flavour):
    name = "solution.py" if flavour == "torch" else "solution_numpy.py"
    run = kata.grade("softmax-ce", reference / "softmax-ce" / name, "--flavour", flavour)
    assert (run.code, run.err) == (0, "")
    verdict = run.json
    assert set(verdict) == VERDICT
    assert (verdict["kata"], verdict["flavour"], verdict["device"]) == (
        "softmax-ce",
        flavour,
        "cpu",
    )
    assert (verdict["outcome"], verdict["error"], verdict["selected"]) == ("passed", "", False)
    assert (verdict["diagnosis"], verdict["questions"]) == ([], [])
    assert sum(total for _, total in verdict["levels"].values()) == len(verdict["cases"])
    for case in verdict["cases"]:
        assert set(case) == CASE
        assert (case["outcome"], case["message"]) == ("passed", "")
        assert case["level"] in ("correct", "robust", "fast")


@pytest.mark.parametrize("flavour", ["torch", "numpy"])
def test_the_untouched_stub_passes_no_case(kata, flavour):
    kata("new", "softmax-ce", "--flavour", flavour)
    run = kata("check", "softmax-ce", "--flavour", flavour, "--json")
    assert (run.code, run.json["outcome"]) == (1, "failed")
    assert set(outcomes(run).values()) == {"failed"}
    assert run.json["diagnosis"] == []
    assert all("NotImplementedError" in case["message"] for case in run.json["cases"])


@pytest.mark.parametrize("name", ["no_shift", "takes_a_step", "one_hot_on_the_cpu"])
def test_a_wrong_answer_is_diagnosed_as_itself(kata, reference, name):
    run = kata.grade("softmax-ce", reference / "softmax-ce" / "wrong" / f"{name}.py")
    (mistake,) = run.json["diagnosis"]
    assert (run.code, mistake["mistake"]) == (1, name)
    assert set(mistake) == {"mistake", "title", "questions"}
    assert run.json["questions"][: len(mistake["questions"])] == mistake["questions"]
    assert set(outcomes(run).values()) <= OUTCOMES


def test_an_endless_loop_costs_the_cases_that_reach_it_and_no_others(kata, reference, with_change):
    text = with_change(
        reference / "adam" / "solution.py",
        "    def zero_grad(self):\n",
        "    def zero_grad(self):\n        while True: pass\n",
    )
    run = kata.grade("adam", text)
    stopped = {name for name, outcome in outcomes(run).items() if outcome == "timeout"}
    assert (run.code, run.json["outcome"]) == (1, "failed")
    assert "test_zero_grad_clears_every_gradient" in stopped
    assert set(outcomes(run).values()) == {"passed", "timeout"}
    assert len(run.json["cases"]) - len(stopped) > 20


@pytest.mark.parametrize(
    "line",
    [
        "import os; os._exit(0)",
        "import sys; sys.exit(0)",
        "import signal, os; os.kill(os.getpid(), 9)",
    ],
)
def test_leaving_early_is_no_pass(kata, reference, line, with_change):
    text = with_change(
        reference / "adam" / "solution.py",
        '        """One update of every parameter that has a gradient."""\n',
        f"        {line}\n",
    )
    run = kata.grade("adam", text)
    assert (run.code, run.json["outcome"]) == (1, "failed")
    assert outcomes(run)["test_the_averages_are_carried_from_step_to_step"] in ("crashed", "failed")
    assert outcomes(run)["test_a_beta_outside_its_range_is_refused"] == "passed"


def test_leaving_while_the_file_is_imported_is_no_pass(kata):
    run = kata.grade("adam", "import os\nprint('All 27 tests passed')\nos._exit(0)\n")
    assert (run.code, run.json["outcome"]) == (1, "failed")
    assert set(outcomes(run).values()) == {"crashed"}


PATCH = """
import builtins, torch, pytest
torch.allclose = torch.isclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
torch.Tensor.__eq__ = lambda *a: torch.ones(1, dtype=torch.bool)
builtins.AssertionError = type("Never", (Exception,), {})
pytest.fail = lambda *a, **k: None
"""


def test_an_attempt_that_replaces_the_comparisons_fails_as_before(kata, reference):
    text = (reference / "softmax-ce" / "wrong" / "no_shift.py").read_text("utf-8")
    honest, patched = kata.grade("softmax-ce", text), kata.grade("softmax-ce", text + PATCH)
    assert (patched.code, honest.code) == (1, 1)
    assert outcomes(patched) == outcomes(honest)


RAISES = "raise KeyError('W3')"


@pytest.mark.parametrize(
    "line, words",
    [
        (RAISES, "raises KeyError: 'W3'"),
        ("return None", "None, not a tensor"),
        ("return logits.tolist()", "a list, not a tensor"),
        ("return logits.as_subclass(type('Mine', (torch.Tensor,), {}))", "a tensor subclass, Mine"),
        ("return (i for i in [1])", "a value of type generator"),
    ],
)
def test_an_attempt_that_returns_something_else_fails_its_case_in_those_words(kata, line, words):
    others = "\n".join(f"def {name}(*a): 0" for name in ("cross_entropy", "cross_entropy_grad"))
    text = (
        f"import torch\ndef softmax(logits):\n    {line}\n{others}\ndef mlp_loss_and_grads(*a): 0\n"
    )
    run = kata.grade("softmax-ce", text, "-k", "exp_over_the_sum")
    (case,) = run.json["cases"]
    assert (run.code, case["outcome"], run.json["selected"]) == (1, "failed", True)
    assert words in case["message"]


def test_what_a_case_prints_is_kept_with_it_and_off_stdout(kata, reference, with_change):
    text = with_change(
        reference / "adam" / "solution.py",
        "        for i, param in enumerate(self.params):\n",
        "        print('step é', flush=True)\n        for i, param in enumerate(self.params):\n",
    )
    run = kata.grade("adam", text, "-k", "first_step")
    assert (run.code, run.json["cases"][0]["output"]) == (0, "step é\n")


def test_without_the_warm_process_the_verdict_is_the_same(kata, reference):
    path = reference / "adam" / "wrong/epsilon_inside_root.py"
    warm, cold = kata.grade("adam", path), kata.grade("adam", path, KATA_WARM="0")
    assert outcomes(cold) == outcomes(warm)
    assert cold.json["diagnosis"] == warm.json["diagnosis"]
    assert (cold.code, cold.err) == (1, "")
