"""The commands as a learner types them: attempts begun and kept, texts shown, one case debugged."""

import os
import re
import shutil
import subprocess
import sys

EPSILON = "wrong/epsilon_inside_root.py"


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


def test_debug_stops_at_a_breakpoint_and_goes_on(kata, reference, with_change):
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


def test_bare_kata_names_an_open_interview(kata):
    assert kata("mock", "--plain", "--minutes", "60").code == 0  # its reader leaves at once
    assert re.match(
        r"Interview 1 is open, (59|60):\d\d minutes left: kata mock --resume\n", kata().out
    )
    assert kata("mock", "--abandon").code == 0
    assert "Interview" not in kata().out


def test_a_full_disk_is_said_as_such(kata):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "grader", "list"],
            cwd=kata.folder,
            env=kata.env,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        "The disk is full, or your share of it.",
    )


def test_with_two_flavours_reset_and_its_undo_mean_the_file_that_was_touched_last(kata):
    for flavour in ("torch", "numpy"):
        kata("new", "kmeans", "--flavour", flavour)
    torch, numpy = (
        kata.write(f"{name} = 1\n", f"attempts/{file}.py")
        for name, file in (("torch", "kmeans"), ("numpy", "kmeans_numpy"))
    )
    os.utime(torch, (1, 1))
    run = kata("reset", "kmeans")
    assert "Bring it back: kata reset kmeans --flavour numpy --undo" in run.out
    assert kata("reset", "kmeans", "--flavour", "numpy", "--undo").code == 0
    assert (torch.read_text(), numpy.read_text()) == ("torch = 1\n", "numpy = 1\n")


def test_an_empty_attempt_names_the_command_that_fills_it(kata):
    """Without the kata's name it would fill another one: that which was touched last."""
    kata.write("", "attempts/kmeans_numpy.py")
    run = kata("check", "kmeans")
    assert run.err.splitlines()[1:] == ["Start again: kata reset kmeans --flavour numpy"]


def test_a_folder_in_an_attempts_place_stays_where_it_is(kata):
    kept = kata.write("mine\n", "attempts/adam.py/notes.txt")
    for words in (["new", "adam", "--again"], ["reset", "adam"]):
        run = kata(*words)
        assert (run.code, "is a folder, and no attempt" in run.err) == (2, True)
    assert kept.read_text() == "mine\n"
    assert not list((kata.folder / "attempts").rglob("*.py/../adam.*.py"))


def test_what_to_type_next_keeps_the_file_the_flavour_and_the_selection(kata, reference):
    text = (reference / "adam" / "wrong" / "root_forgotten.py").read_text("utf-8")
    path = kata.write(text, "mine.py")
    run = kata("check", "adam", "--attempt", path.name, "-k", "the")
    assert "Each in full: kata check adam --attempt mine.py -k the --all" in run.out


def test_a_file_named_after_no_kata_is_graded_as_none(kata):
    kata("new", "softmax-ce")
    run = kata("check", "--attempt", kata.write("x = 1\n", "foo.py").name)
    assert (run.code, "kata check SLUG --attempt foo.py" in run.err) == (2, True)


def test_an_open_interview_gives_no_hint_and_no_solution(kata):
    assert kata("mock", "--plain", "--minutes", "60").code == 0
    slugs = [path.stem for path in (kata.folder / "attempts").glob("*.py")]
    for words in ("hint", "reveal"):
        run = kata(words, slugs[0])
        assert (run.code, "no help until it is over" in run.err) == (2, True)
    kata("mock", "--abandon")
    assert kata("hint", slugs[0]).code == 0


def test_in_another_folder_the_next_step_is_to_start_there(kata, reference):
    kata("new", "adam")
    kata("check", "adam")
    elsewhere = kata.folder / "elsewhere"
    elsewhere.mkdir()
    for words in ([], ["next"]):
        run = kata(*words, KATA_WORKSPACE=str(elsewhere))
        assert "kata check adam" not in run.out
    assert "kata new adam" in kata(KATA_WORKSPACE=str(elsewhere)).out


def test_the_list_names_a_kata_that_was_not_begun(kata):
    kata("new", "batchnorm")
    assert re.search(r"Start one: kata new (?!batchnorm)", kata("list").out)
