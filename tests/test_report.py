"""The page of a check and of an interview: self-contained, well-formed, with its pictures."""

import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader.report import code, pictures
from grader.verdict import Case, Level, Outcome

VOID = {"meta", "br", "link", "img", "hr", "input"}
FETCHING = {"src", "srcset", "data", "poster", "action", "background", "xlink:href"}


class Page(HTMLParser):
    """Reads a page strictly: each tag closed by its own, and what is in it remembered."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def is_self_contained(text: str, page: Page) -> None:
    assert not page.named("script")
    assert not page.named("link")
    assert not page.named("img")
    for tag, attributes in page.tags:
        assert not FETCHING & set(attributes), (tag, attributes)
        target = attributes.get("href")
        assert target is None or target.startswith("#"), target
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def is_readable_aloud(page: Page) -> None:
    assert len(page.named("main")) == len(page.named("h1")) == 1
    assert page.named("html")[0]["lang"] == "en"
    assert page.named("header")
    assert page.named("footer")
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    names = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    for _, attributes in page.tags:
        target = attributes.get("href") or f"#{attributes.get('aria-labelledby') or 'content'}"
        assert target.removeprefix("#") in names
    assert len(page.named("title")) == 1 + len(page.named("svg"))  # each picture has its words
    assert all(svg["role"] == "img" for svg in page.named("svg"))


def wrong(reference: Path, slug: str, name: str) -> Path:
    return reference / slug / "wrong" / f"{name}.py"


def page_of_check(kata: Any, slug: str, attempt: Path) -> tuple[str, Page, dict[str, Any]]:
    run = kata("check", slug, "--attempt", attempt, "--json", "--html", "page.html", "--no-record")
    text = (kata.folder / "page.html").read_text("utf-8")
    return text, Page(text), run.json


@pytest.mark.parametrize(
    ("slug", "mistake", "picture"),
    [
        ("adam", "running_maximum", "Parameters after each step"),
        ("batchnorm", "running_variance_from_zero", "running_var after each batch"),
        ("kmeans", "dot_product", "points by cluster"),
        ("top-p", "crossing_token_dropped", "Nucleus for p"),
        ("kv-cache", "mask_one_column_too_far", "Heat maps of got, want"),
    ],
)
def test_the_page_of_a_check_has_each_failed_case_and_its_picture(
    kata: Any, reference: Path, slug: str, mistake: str, picture: str
) -> None:
    text, page, verdict = page_of_check(kata, slug, wrong(reference, slug, mistake))
    is_self_contained(text, page)
    is_readable_aloud(page)
    failed = [case for case in verdict["cases"] if case["outcome"] != "passed"]
    assert failed
    for case in failed:
        assert " ".join(case["claim"].split()) in page.text
        assert " ".join(case["message"].split())[:60] in page.text
    assert verdict["diagnosis"][0]["title"] in page.text
    assert picture in page.text
    assert "NaN" not in re.sub(r">[^<]*<", "", text)  # no coordinate of a picture


def test_a_verdict_carries_the_numbers_of_small_values(kata: Any, reference: Path) -> None:
    run = kata.grade("adam", wrong(reference, "adam", "epsilon_as_a_floor"))
    case = next(case for case in run.json["cases"] if case["outcome"] == "failed")
    got, want = case["details"]["got_values"], case["details"]["want_values"]
    assert len(got[0][0]) == len(want[0][0]) == 3
    assert got != want
    assert case["details"]["input_values"]["params"] == [[1.0, -2.0, 3.0]]
    json.dumps(run.json, allow_nan=False)


def test_what_an_attempt_says_stays_text(kata: Any) -> None:
    evil = '<script src="https://example.com/x.js"></script>'
    attempt = kata.write(
        f"print({evil!r} + chr(27) + '[31m')\n\n\nclass Adam:\n"
        f"    def __init__(self, *a, **k):\n        print({evil!r})\n"
        f"        raise KeyError({evil!r})\n"
    )
    text, page, _ = page_of_check(kata, "adam", attempt)
    is_self_contained(text, page)
    assert "\x1b" not in text
    assert evil in page.text


def test_a_passed_check_has_a_page_too(kata: Any, reference: Path) -> None:
    text, page, verdict = page_of_check(kata, "adam", reference / "adam" / "solution.py")
    is_self_contained(text, page)
    is_readable_aloud(page)
    assert f"{len(verdict['cases'])} cases passed" in page.text
    assert "Adam: passed" in page.text


def test_a_page_that_cannot_be_written_gets_a_sentence(kata: Any, reference: Path) -> None:
    solution = reference / "adam" / "solution.py"
    run = kata("check", "adam", "--attempt", solution, "--html", "no/such/folder/page.html")
    assert run.code == 2
    assert "cannot be written" in run.err
    assert "Traceback" not in run.err


def test_the_report_of_an_interview(kata: Any, reference: Path) -> None:
    begin = ("mock", "--minutes", "5", "--topics", "optimisers", "--seed", "3")
    assert kata(*begin, stdin="leave\n").code == 0
    mistaken = wrong(reference, "adam", "epsilon_as_a_floor").read_text("utf-8")
    (kata.folder / "attempts" / "adam.py").write_text(mistaken, "utf-8")
    answer = "answer 1\nthe <b>softmax</b> subtracts the maximum\n.\n"
    ended = kata("mock", "--resume", stdin=f"check\n{answer}end\n1\n")
    assert ended.code == 0, ended.err

    run = kata("report", "1", "--html", "page.html", "--json")
    shown = run.json
    text = (kata.folder / "page.html").read_text("utf-8")
    page = Page(text)
    is_self_contained(text, page)
    is_readable_aloud(page)
    assert page.named("nav")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    for mark in shown["marks"]:
        assert mark["reason"] in page.text
        assert mark["rule"] in page.text
    for asked in shown["asked"]:
        assert " ".join(asked["text"].split())[:40] in page.text
    assert "the <b>softmax</b> subtracts the maximum" in page.text
    assert "made: softmax subtracts the maximum" in page.text
    for case in shown["katas"][0]["verdict"]["cases"]:
        assert " ".join(case["claim"].split()) in page.text
    cases = shown["katas"][0]["verdict"]["cases"]
    green = sum(case["outcome"] == "passed" for case in cases)
    assert f"Green cases of {len(cases)} after each check: {green} at" in page.text
    assert "def step" in page.text
    for advice in shown["practise"]:
        assert advice["command"] in page.text

    again = kata("report")
    assert again.code == 0
    assert f"{shown['total']} of 100" in again.out
    unknown = kata("report", "99")
    assert unknown.code == 2
    assert "There is: 1" in unknown.err
    ticked = kata("report", "1", "--tick", stdin="2\n")
    assert "[x] a patch in the forward pass" in ticked.out.partition("Questions\n")[2]


def test_without_an_interview_there_is_no_report(kata: Any) -> None:
    run = kata("report")
    assert run.code == 2
    assert "kata mock" in run.err


ODD = [1.0, [], {}, "text", None, [[1.0], [1.0, 2.0]], [[1.0, "nan"], ["inf", "-inf"]], True]
ODD += [{"tokens": 3}, {"tokens": []}, {"centroids": [[1.0]], "labels": ["nan"]}, [{}], [[[]]]]
ODD += [[{"running_mean": [1.0], "running_var": "x"}] * 2, {"labels": None, "centroids": {}}]
ODD += [
    {"a": {"centroids": [], "labels": [0.0]}},
    [[[1.0]], [[1.0, 2.0]]],
    [float(n) for n in range(50)],
]
GIVEN: list[dict[str, Any]] = [
    {},
    {"X": [[1.0]], "centroids": [[1.0, 2.0]]},
    {"X": [[1.0, 2.0], [3.0, "nan"]], "centroids": [[1.0, 2.0]]},
    {"logits": [1.0, "-inf"], "p": 0.5, "temperature": 0},
    {"logits": [["nan", "nan"]], "p": 0.5, "temperature": "hot"},
    {"params": [[1.0]], "grads": [[[1.0]]]},
]


@pytest.mark.parametrize("given", GIVEN)
def test_no_claimed_value_breaks_a_picture(given: dict[str, Any]) -> None:
    drawn = 0
    for got in ODD:
        for want in ODD:
            details = {"got_values": got, "want_values": want, "input_values": given}
            case = Case("test_x", "x", Level.CORRECT, Outcome.FAILED, details=details)
            picture, caption = pictures.of_case(case)
            assert bool(picture) == bool(caption)
            Page(picture)
            assert "nan" not in picture.lower().replace(">nan<", "")
            drawn += bool(picture)
    assert drawn


def test_code_is_marked_and_its_brief_left_out() -> None:
    shown = code.highlight(
        '"""The brief."""\n\nimport os  # why\n\nx = "a" if 1 < 2 else f"{os}"\n'
    )
    assert "brief" not in shown
    assert '<span class="k">import</span> os  <span class="c"># why</span>' in shown
    assert "1</span> &lt; <span" in shown
    assert Page(shown).text.startswith("import os # why x =")


@pytest.mark.parametrize("source", ["def f(:\n", "x = '''\n", "\tx\n  y\n", "", "a = 1 \\"])
def test_code_that_is_no_python_is_shown_as_it_is(source: str) -> None:
    assert Page(code.highlight(source)).text == " ".join(source.split())
