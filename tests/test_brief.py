"""Each brief keeps its word: its example runs, and it fits a narrow terminal."""

import doctest
import re
import types

import pytest

from grader import catalogue

KATAS = pytest.mark.parametrize("kata", catalogue.every(), ids=lambda kata: kata.slug)


def example(kata):
    """The worked example, without the fences around it."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", kata.brief(), flags=re.M | re.S))


@KATAS
def test_the_worked_example_is_what_the_solution_gives(kata):
    module = types.ModuleType("solution")
    path = kata.solution("torch")
    exec(compile(path.read_text("utf-8"), str(path), "exec"), module.__dict__)
    exported = {name: getattr(module, name) for name in kata.exports}
    test = doctest.DocTestParser().get_doctest(example(kata), exported, kata.slug, "brief.md", 0)
    assert len(test.examples) >= 3
    report = []
    results = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert results.failed == 0, "".join(report)


@KATAS
def test_no_line_of_a_brief_is_longer_than_78(kata):
    assert not [line for line in kata.brief().splitlines() if len(line) > 78]
