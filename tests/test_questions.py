"""Questions are read whole or refused with their file, their id and the part that is missing."""

from pathlib import Path

import pytest

from grader import catalogue, questions
from grader.errors import BadManifest

GOOD = """# Questions

## adam-epsilon

Where does epsilon go,
and why?

### Answer

After the root.

It has units of a gradient.

### Key points

- after the root, where it
  acts on the size
- 1e-8

### Follow-up

When would you choose more?
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "adam").mkdir()
    return tmp_path / "adam"


def load(folder: Path, text: str) -> list[questions.Question]:
    (folder / "questions.md").write_text(text, "utf-8")
    return questions.load(folder)


def test_a_question_is_read_with_all_of_its_parts(folder):
    (question,) = load(folder, GOOD)
    assert (question.id, question.kata) == ("adam-epsilon", "adam")
    assert question.text == "Where does epsilon go,\nand why?"
    assert question.answer == "After the root.\n\nIt has units of a gradient."
    assert question.points == ("after the root, where it acts on the size", "1e-8")
    assert question.follow_up == "When would you choose more?"


def test_questions_keep_the_order_of_the_file(folder):
    second = GOOD.replace("# Questions\n", "").replace("adam-epsilon", "adam-bias")
    assert [one.id for one in load(folder, GOOD + second)] == ["adam-epsilon", "adam-bias"]


@pytest.mark.parametrize("part", questions.PARTS)
def test_a_missing_part_is_named_with_question_and_file(folder, part):
    with pytest.raises(BadManifest) as caught:
        load(folder, GOOD.replace(f"### {part}", "### Else"))
    assert f"{folder / 'questions.md'}: adam-epsilon: has no section '### {part}'" in str(
        caught.value
    )


def test_an_empty_part_is_a_missing_one(folder):
    with pytest.raises(BadManifest, match="Follow-up"):
        load(folder, GOOD.replace("When would you choose more?", ""))


@pytest.mark.parametrize("name", ["Adam", "adam epsilon", "adam_epsilon", "adam-", ""])
def test_an_id_is_lower_case_words_with_hyphens(folder, name):
    with pytest.raises(BadManifest, match="an id is"):
        load(folder, GOOD.replace("adam-epsilon", name))


@pytest.mark.parametrize("kata", catalogue.every(), ids=lambda kata: kata.slug)
def test_ids_are_unique_over_all_katas(kata):
    mine = [one.id for one in questions.load(kata.folder)]
    others = {
        one.id
        for other in catalogue.every()
        if other.slug != kata.slug
        for one in questions.load(other.folder)
    }
    assert len(set(mine)) == len(mine)
    assert not set(mine) & others
