"""A new kata: complete, working, refused where something is in the way, and honest about what is missing."""

import shutil
from pathlib import Path

import pytest

FILES = {
    "katas/unit-rows/kata.toml",
    "katas/unit-rows/brief.md",
    "katas/unit-rows/stub.py",
    "katas/unit-rows/probes.py",
    "katas/unit-rows/hints.md",
    "katas/unit-rows/questions.md",
    "reference/unit-rows/solution.py",
    "reference/unit-rows/test_unit_rows.py",
    "reference/unit-rows/mutants.toml",
    "reference/unit-rows/wrong/columns_instead_of_rows.py",
}


@pytest.fixture
def data(tmp_path: Path, root: Path) -> Path:
    """The folder of an author: the templates, and no kata yet."""
    folder = tmp_path / "data"
    (folder / "katas").mkdir(parents=True)
    (folder / "reference").mkdir()
    shutil.copytree(root / "templates", folder / "templates")
    return folder


@pytest.fixture
def author(kata, data: Path):
    """Commands on the author's katas, each graded without a warm process that would outlive the test."""

    def run(*arguments: object):
        return kata(*arguments, KATA_DATA=str(data), KATA_WARM="0")

    return run


def written(data: Path) -> set[str]:
    files = [path for folder in ("katas", "reference") for path in (data / folder).rglob("*")]
    return {str(path.relative_to(data)) for path in files if path.is_file()}


def test_all_files_are_written_and_each_says_what_to_replace(author, data: Path) -> None:
    done = author("author", "new", "unit-rows")
    assert done.code == 0, done.err
    assert written(data) == FILES
    for name in FILES:
        text = (data / name).read_text("utf-8")
        assert "TODO" in text, name
        assert "{{" not in text, name
        assert f"Wrote {data.resolve() / name}\n" in done.out
    assert "kata author check unit-rows" in done.out


def test_a_new_kata_is_proven_but_for_what_an_author_has_to_add(author) -> None:
    author("author", "new", "unit-rows")
    done = author("author", "check", "unit-rows")
    assert done.code == 1
    problems = [line.strip(" -") for line in done.out.splitlines() if line.startswith("  - ")]
    assert problems == [
        "has 1 questions, not four to eight",
        "has 1 wrong answers; six are the least",
    ]


def test_the_suite_of_a_new_kata_is_sharp(author) -> None:
    author("author", "new", "unit-rows")
    # three of its mutants: trying all of them takes longer than a test should
    few = "1.0) -> return x / torch.where(length > 0, length, "
    done = author("author", "mutate", "unit-rows", "-k", few)
    assert done.code == 0, done.out + done.err
    assert "3 mutants: 1 caught, 2 equivalent, 0 survive" in " ".join(done.out.split())


def test_a_new_kata_is_on_the_list_and_can_be_begun(author, kata) -> None:
    author("author", "new", "unit-rows")
    assert "unit-rows" in author("list").out
    begun = author("new", "unit-rows")
    assert begun.code == 0, begun.err
    attempt = (kata.folder / "attempts/unit-rows.py").read_text("utf-8")
    compile(attempt, "unit-rows.py", "exec")
    assert "raise NotImplementedError" in attempt


def test_the_worked_example_comes_out_as_the_brief_says(author, data: Path) -> None:
    author("author", "new", "unit-rows")
    solution = data / "reference/unit-rows/solution.py"
    brief = (data / "katas/unit-rows/brief.md").read_text("utf-8")
    lines = brief.partition("```python\n")[2].partition("```")[0].splitlines()
    calls = [line.removeprefix(">>> ") for line in lines if line.startswith(">>> ")]
    shown = "\n".join(line for line in lines if not line.startswith(">>> "))
    scope: dict[str, object] = {}
    exec(solution.read_text("utf-8"), scope)
    exec(calls[0], scope)
    assert repr(eval(calls[1], scope)) == shown


def test_nothing_is_written_over(author, data: Path) -> None:
    (data / "reference/unit-rows").mkdir()
    (data / "reference/unit-rows/notes.txt").write_text("mine", "utf-8")
    done = author("author", "new", "unit-rows")
    assert done.code == 2
    assert "is there already; nothing was written" in done.err
    assert written(data) == {"reference/unit-rows/notes.txt"}


@pytest.mark.parametrize(
    "name", ["Unit-Rows", "unit_rows", "../unit", "unit--rows", "2d", "ünit", ""]
)
def test_a_name_has_to_be_a_slug(author, data: Path, name: str) -> None:
    done = author("author", "new", name)
    assert done.code == 2
    assert "lower-case words joined by hyphens" in done.err
    assert written(data) == set()


def test_a_folder_that_cannot_be_written_is_said(author, data: Path) -> None:
    shutil.rmtree(data / "reference")
    (data / "reference").write_text("a file in the way", "utf-8")
    done = author("author", "new", "unit-rows")
    assert done.code == 2
    assert "cannot be written" in done.err
