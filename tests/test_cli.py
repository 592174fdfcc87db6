"""The commands as a learner types them: what they say, how they end, and that nothing is lost."""

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

VERDICT = {
    *("kata", "flavour", "device", "outcome", "seconds", "levels", "cases", "diagnosis"),
    *("questions", "schema", "error", "selected"),
}
CASE = {
    *("name", "claim", "level", "outcome", "seconds", "message", "output", "details"),
    "asks",
}
OUTCOMES = {"passed", "failed", "timeout", "crashed", "refused", "broken"}

EPSILON = "wrong/epsilon_inside_root.py"


def outcomes(run):
    return {case["name"]: case["outcome"] for case in run.json["cases"]}


# the verdict


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


def with_change(path: Path, old: str, new: str) -> str:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    return text.replace(old, new)


def test_an_endless_loop_costs_the_cases_that_reach_it_and_no_others(kata, reference):
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
def test_leaving_early_is_no_pass(kata, reference, line):
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


def test_what_a_case_prints_is_kept_with_it_and_off_stdout(kata, reference):
    text = with_change(
        reference / "adam" / "solution.py",
        "        for i, param in enumerate(self.params):\n",
        "        print('step é', flush=True)\n        for i, param in enumerate(self.params):\n",
    )
    run = kata.grade("adam", text, "-k", "first_step")
    assert (run.code, run.json["cases"][0]["output"]) == (0, "step é\n")


# bad input: a clear message, code 2, no traceback, nothing lost

SYNTAX = b"import torch\nclass Adam:\n    def step(self:\n        pass\n"
BAD_FILES = {
    "empty": (b"", "is empty"),
    "not UTF-8": (b"# caf\xe9\n", "line 1: not UTF-8"),
    "a null byte": (b"x = 1\n\0", "line 2: a null byte"),
    "a syntax error": (SYNTAX, "line 3"),
    "nothing exported": (b"x = 1\n", "does not define Adam"),
    "an export that is no function": (b"Adam = 3\n", "does not define Adam"),
    "an import that fails": (b"\nimport no_such_thing\n", "No module named 'no_such_thing'"),
    "an exception at import": (b"class Adam: pass\n1 / 0\n", "ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_an_error_of_the_user_in_words_and_in_json(kata, name):
    text, words = BAD_FILES[name]
    path = kata.write(text)
    for options in ([], ["--json"]):
        run = kata("check", "adam", "--attempt", path, *options)
        assert run.code == 2
        assert words in " ".join((run.out + run.err).split())
        assert "Traceback" not in run.out + run.err
    assert words in run.json["error"]
    assert path.read_bytes() == text


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["check", "adm"], "Did you mean: adam"),
        (["check", "adam"], "Start one: kata new adam"),
        (["check"], "kata new adam"),
        (["check", "adam", "--attempt", "."], "is a folder"),
        (["check", "adam", "--attempt", "none.py"], "There is no file none.py"),
        (["check", "adam", "--flavour", "jax", "--attempt", "a.py"], "It has: torch"),
        (["check", "adam", "--device", "cuda:97", "--attempt", "a.py"], "There is: "),
        (["check", "adam", "--device", "tpu", "--attempt", "a.py"], "no device 'tpu'"),
        (["check", "adam", "-k", "no such case", "--attempt", "a.py"], "No case of adam matches"),
        (["check", "adam", "--divice", "cpu"], "--divice"),
        (["chekc", "adam"], "Did you mean: check"),
        (["new", "adm"], "Did you mean: adam"),
        (["new", "adam", "--flavour", "numpy"], "It has: torch"),
        (["explain", "--search", "xyzzy"], "No question contains 'xyzzy'"),
        (["reset", "adam", "--undo"], "no archived attempt"),
        (
            ["debug", "adam", "-k", "nothing like it", "--attempt", "a.py"],
            "No case of adam matches",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_on_the_command_line_says_what_to_type_next(kata, arguments, words):
    kata.write("class Adam: pass\n", "a.py")
    run = kata(*arguments)
    assert (run.code, run.out) == (2, "")
    assert words in run.err
    assert "Traceback" not in run.err


@pytest.mark.parametrize(
    "arguments", [["check", "adm"], ["check", "adam", "--nonsense"], ["list", "-x"]]
)
def test_with_json_an_error_is_one_object_too(kata, arguments):
    run = kata(*arguments, "--json")
    assert run.code == 2
    assert run.json["schema"] == 1
    assert run.json["outcome"] is None
    assert run.json["error"] in run.err


def test_no_cuda_here_says_which_devices_there_are(kata, reference):
    run = kata.grade(
        *("adam", reference / "adam" / "solution.py", "--device", "cuda"),
        KATA_WARM="0",
        CUDA_VISIBLE_DEVICES="",
    )
    assert run.code == 2
    assert run.json["kind"] == "no-such-device"
    assert "There is no device 'cuda' here. There is: cpu.\nTry: --device cpu" in run.err


@pytest.fixture
def content(kata, root):
    """A copy of one kata, to be spoilt; graded without the warm process of the checkout."""
    for name in ("katas/adam", "reference/adam", "templates"):
        shutil.copytree(root / name, kata.folder / "data" / name)
    kata.env |= {"KATA_DATA": str(kata.folder / "data"), "KATA_WARM": "0"}
    return kata.folder / "data"


def test_a_broken_manifest_is_named_with_its_key(kata, content):
    path = content / "katas" / "adam" / "kata.toml"
    path.write_text(path.read_text("utf-8").replace("minutes = 30", "minutes = 'long'"), "utf-8")
    for command in (["list"], ["check", "adam"], ["show", "adam"]):
        run = kata(*command)
        assert run.code == 2
        assert f"{path}: minutes: must be a whole number, not 'long'" in run.err


def test_a_broken_suite_is_our_fault_and_no_verdict(kata, content, reference):
    suite = content / "reference" / "adam" / "test_adam.py"
    suite.write_text(suite.read_text("utf-8") + "\nraise RuntimeError('spoilt')\n", "utf-8")
    run = kata.grade("adam", reference / "adam" / "solution.py")
    assert (run.code, run.json["outcome"]) == (3, "broken")
    assert "spoilt" in run.json["error"]


def test_a_solution_that_fails_is_our_fault_and_no_verdict(kata, content, reference):
    solution = content / "reference" / "adam" / "solution.py"
    text = with_change(solution, "            self.t[i] += 1\n", "            self.t[i] += 1 / 0\n")
    solution.write_text(text, "utf-8")
    run = kata.grade("adam", reference / "adam" / "solution.py")
    assert (run.code, run.json["outcome"]) == (3, "broken")
    assert "the solution fails" in run.json["error"]


def test_a_folder_that_cannot_be_written_is_said(kata):
    run = kata("new", "adam", KATA_WORKSPACE="/proc/kata")
    assert (run.code, "KATA_WORKSPACE=DIR" in run.err) == (2, True)


# attempts


def test_new_check_again_reset_and_undo(kata):
    run = kata("new", "adam")
    assert (run.code, "Wrote attempts/adam.py" in run.out, "kata check adam" in run.out) == (
        0,
        True,
        True,
    )
    path = kata.write("mine = 1\n", "attempts/adam.py")
    run = kata("new", "adam")
    assert (run.code, "--again" in run.err, path.read_text()) == (2, True, "mine = 1\n")
    assert kata("new", "adam", "--again").code == 0
    assert "NotImplementedError" in path.read_text("utf-8")
    assert kata("reset", "adam", "--undo").code == 0
    assert path.read_text("utf-8") == "mine = 1\n"
    run = kata("reset", "adam")
    assert "The old one is kept: attempts/archive/adam." in run.out
    assert kata("reset", "adam", "--undo").code == 0
    assert path.read_text("utf-8") == "mine = 1\n"


def test_new_opens_the_editor_with_the_new_file(kata):
    editor = kata.write("#!/bin/sh\necho '# edited' >> \"$1\"\n", "editor.sh")
    editor.chmod(0o755)
    assert kata("new", "kmeans", "--flavour", "numpy", "--edit", EDITOR=str(editor)).code == 0
    text = (kata.folder / "attempts" / "kmeans_numpy.py").read_text("utf-8")
    assert text.endswith("# edited\n")
    assert "import numpy" in text


def test_new_broken_gives_an_attempt_that_fails(kata):
    assert kata("new", "adam", "--broken").code == 0
    run = kata("check", "adam", "--json")
    assert run.code == 1
    assert len(run.json["diagnosis"]) == 1


def test_check_takes_the_attempt_touched_last_and_the_device_of_the_environment(kata):
    for slug in ("adam", "bpe"):
        kata("new", slug)
    os.utime(kata.folder / "attempts" / "bpe.py", (1, 1))
    run = kata("check", "--json")
    assert (run.json["kata"], run.json["device"]) == ("adam", "cpu")
    assert kata("check", KATA_DEVICE="tpu").code == 2
    assert kata("check", "--device", "cpu", KATA_DEVICE="tpu").code == 1


def test_a_check_is_recorded_unless_told_otherwise(kata, reference):
    solution = reference / "bpe" / "solution.py"
    assert kata("check", "bpe", "--attempt", solution, "--no-record").code == 0
    assert kata("list", "--json").json["katas"][2]["state"] == ""
    assert kata("check", "bpe", "--attempt", solution, "-k", "unk").code == 0
    assert "1 of" not in kata().out.splitlines()[0]
    assert kata("check", "bpe", "--attempt", solution).code == 0
    states = {one["kata"]: one["state"] for one in kata("list", "--json").json["katas"]}
    assert {slug for slug, state in states.items() if state} == {"bpe"}
    assert states["bpe"] == "passed"


def test_bare_kata_says_where_one_is_and_what_comes_next(kata, reference):
    run = kata()
    assert (run.code, "kata list" in run.out, "kata new" in run.out) == (0, True, True)
    kata("new", "adam")
    assert "kata check adam" in kata().out
    attempt = kata.folder / "attempts" / "adam.py"
    shutil.copy(reference / "adam" / EPSILON, attempt)
    assert kata("check").code == 1
    assert "adam" in kata().out
    assert "kata hint adam" in kata().out
    shutil.copy(reference / "adam" / "solution.py", attempt)
    assert kata("check").code == 0
    assert kata().out.startswith("1 of ")


# texts


def test_after_a_failed_check_explain_shows_the_matching_question_first(kata, reference):
    before = kata("explain", "adam").out
    assert "epsilon" not in before.splitlines()[2]
    kata("check", "adam", "--attempt", reference / "adam" / EPSILON)
    after = kata("explain", "adam").out
    first = next(line for line in after.splitlines() if line.startswith("Q"))
    assert "epsilon" in first
    assert len(after) < len(before)
    everything = kata("explain", "adam", "--all").out
    assert next(line for line in everything.splitlines() if line.startswith("Q")) == first
    assert everything.count("\nQ ") == before.count("\nQ ")


def test_questions_can_be_searched_over_all_katas(kata):
    run = kata("explain", "--search", "EPSILON root")
    assert (run.code, "Where does epsilon go" in run.out) == (0, True)


def test_hints_come_one_two_three_and_start_anew_with_a_new_attempt(kata):
    def number():
        return re.search(r"Hint (\d) of 3", kata("hint", "adam").out)[1]

    assert [number() for _ in range(4)] == ["1", "2", "3", "3"]
    kata("new", "adam")
    assert number() == "1"


def test_show_gives_the_brief_and_reveal_the_solution(kata, reference):
    shown = kata("show", "adam")
    assert (shown.code, "zero_grad" in shown.out) == (0, True)
    revealed = kata("reveal", "softmax-ce", "--flavour", "numpy")
    solution = (reference / "softmax-ce" / "solution_numpy.py").read_text("utf-8")
    assert solution.strip() in revealed.out
    assert "history" in revealed.out


def test_list_shows_every_kata_and_takes_a_topic(kata, root):
    slugs = sorted(path.parent.name for path in (root / "katas").glob("*/kata.toml"))
    run = kata("list")
    assert all(slug in run.out for slug in slugs)
    assert sorted(one["kata"] for one in kata("list", "--json").json["katas"]) == slugs
    only = kata("list", "--topic", "optimisers").out
    assert ("adam" in only, "bpe" in only) == (True, False)
    assert "There is: " in kata("list", "--topic", "cooking").err


def test_every_command_has_help_with_an_example(kata):
    names = re.findall(r"^  ([a-z]+) ", kata("--help").out.split("Commands:")[1], re.M)
    assert {"list", "new", "check", "explain", "hint", "show", "reveal", "debug"} <= set(names)
    code = (
        "import sys; from grader.cli import main\n"
        f"for name in {names!r}:\n"
        "    sys.argv = ['kata', name, '--help']\n"
        "    print('==', name, main._outcome())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=kata.env
    )
    for text, name in zip(done.stdout.split("== ")[:-1], names, strict=True):
        assert "Example: kata" in text, name
        assert max(map(len, text.splitlines())) <= 80, name
    assert done.stdout.count(" 0\n") == len(names)


def test_no_line_is_longer_than_80_and_nothing_piped_has_escape_codes(kata, reference):
    kata("new", "adam")
    shutil.copy(
        reference / "adam" / "wrong" / "betas_swapped.py", kata.folder / "attempts" / "adam.py"
    )
    commands = [
        *(["check", "--all"], ["check"], ["explain"], ["explain", "--all"], ["hint"], ["show"]),
        *(["list"], [], ["debug", "-k", "betas"], ["reset"], ["--help"], ["check", "--help"]),
    ]
    for command in commands:
        run = kata(*command)
        text = run.out + run.err
        assert text, command
        assert "\x1b" not in text, command
        assert max(map(cell_len, text.splitlines())) <= 80, command  # m̂ takes one column


def test_a_verdict_shows_levels_input_got_want_the_mistake_and_its_question(kata, reference):
    run = kata("check", "adam", "--attempt", reference / "adam" / EPSILON, "--no-record")
    for words in (
        *("correct", "7/7", "robust", "FAILED  epsilon is added after the root", "eps = 0.01"),
        *("got ", "want ", "This looks like: epsilon inside the square root.", "Q  Where does"),
        *("They ask next", "NOT PASSED", "kata explain adam"),
    ):
        assert words in run.out, words


def on_a_terminal(kata, *arguments, **env):
    """What the command writes when its output is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *arguments],
        cwd=kata.folder,
        env={**kata.env, "TERM": "xterm-256color", **env},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    chunks = []
    with open(ours, "rb", buffering=0) as stream:
        while True:
            try:
                chunk = stream.read(4096)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    process.wait(60)
    return b"".join(chunks).decode()


def test_colour_on_a_terminal_and_none_with_no_color(kata, reference):
    check = ("check", "adam", "--attempt", str(reference / "adam" / EPSILON), "--no-record")
    assert "\x1b[1;31mNOT PASSED" in on_a_terminal(kata, *check)
    plain = on_a_terminal(kata, *check, NO_COLOR="1")
    assert "NOT PASSED" in plain
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", plain)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", on_a_terminal(kata, "list", NO_COLOR="1"))


@pytest.mark.parametrize("command", ["explain --search the", "list", "check adam --attempt a.py"])
def test_a_reader_that_goes_away_is_no_error_and_no_pass(kata, command):
    kata.write("class Adam: pass\n", "a.py")
    piped = f"{sys.executable} -m grader {command} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", piped], cwd=kata.folder, env=kata.env, capture_output=True)
    assert (done.returncode, done.stderr) == (141, b"")


# this very process


def test_debug_stops_at_a_breakpoint_and_goes_on(kata, reference):
    text = with_change(
        reference / "adam" / "solution.py",
        "            self.t[i] += 1\n",
        "            self.t[i] += 1\n            if self.lr == 0.1: breakpoint()\n",
    )
    kata.write(text, "attempts/adam.py")
    run = kata("debug", "adam", "-k", "first_step", stdin="p 'lr is', self.lr\np i\nc\nc\n")
    assert run.code == 0
    assert "('lr is', 0.1)" in run.out
    assert "passed  the first step is as long as the learning rate" in run.out
    assert "1 of" not in kata().out.splitlines()[0]


def test_debug_shows_a_failed_case_and_ends_with_1(kata, reference):
    run = kata("debug", "adam", "-k", "after_the_root", "--attempt", reference / "adam" / EPSILON)
    assert (run.code, "FAILED  epsilon is added after the root" in run.out) == (1, True)


def test_without_the_warm_process_the_verdict_is_the_same(kata, reference):
    path = reference / "adam" / EPSILON
    warm, cold = kata.grade("adam", path), kata.grade("adam", path, KATA_WARM="0")
    assert outcomes(cold) == outcomes(warm)
    assert cold.json["diagnosis"] == warm.json["diagnosis"]
    assert (cold.code, cold.err) == (1, "")


def test_the_version_is_told(kata):
    from grader import __version__

    assert kata("--version").out.strip().endswith(__version__)


def test_doctor_names_every_protection_of_this_machine(kata):
    run = kata("doctor")
    for words in (
        "torch",
        "katas",
        "devices",
        "cpu",
        "network",
        "memory is limited",
        "scratch folder",
    ):
        assert words in run.out
    assert run.code == (1 if "OFF" in run.out else 0)
