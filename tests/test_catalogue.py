"""A manifest is read whole or refused with its file and the key at fault."""

from pathlib import Path

import pytest

from grader import catalogue
from grader.errors import BadManifest, GraderError, KataNotFound

GOOD = {
    "title": '"Adam"',
    "summary": '"The optimiser"',
    "topic": '"optimisers"',
    "difficulty": "2",
    "minutes": "30",
    "exports": '["Adam"]',
    "flavours": '["torch"]',
    "devices": '["cpu", "cuda"]',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "katas" / "some-kata"
    made.mkdir(parents=True)
    return made


def load(folder: Path, **changes: str | None) -> catalogue.Kata:
    """A good manifest with some keys changed; None leaves one out."""
    record = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    limits = record.pop("limits", "")
    lines = [f"{key} = {value}" for key, value in record.items()]
    (folder / "kata.toml").write_text("\n".join([*lines, limits]), "utf-8")
    return catalogue.load(folder)


def test_a_good_manifest_becomes_a_kata(folder):
    kata = load(folder, limits="[limits]\ncase_seconds = 7\nmemory_mb = 512")
    assert (kata.slug, kata.title, kata.exports) == ("some-kata", "Adam", ("Adam",))
    assert kata.devices == ("cpu", "cuda")
    assert (kata.requires, kata.forbidden, kata.source) == ((), (), "")
    assert kata.limits == catalogue.Limits(7.0, 60.0, 512)


def test_limits_have_defaults(folder):
    assert load(folder).limits == catalogue.Limits(5.0, 60.0, 2048)


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_is_named_with_its_file(folder, key):
    with pytest.raises(BadManifest) as caught:
        load(folder, **{key: None})
    assert f"{folder / 'kata.toml'}: {key}: is missing" in str(caught.value)


WRONG = {
    "title of a number": ("title", "3", "must be a text, not 3"),
    "difficulty of text": ("difficulty", '"hard"', "must be a whole number, not 'hard'"),
    "difficulty of a half": ("difficulty", "1.5", "must be a whole number, not 1.5"),
    "difficulty of yes": ("difficulty", "true", "must be a whole number, not True"),
    "difficulty too high": ("difficulty", "6", "must lie in 1 to 5, not 6"),
    "no minutes": ("minutes", "0", "must lie in 1 to 600, not 0"),
    "exports of text": ("exports", '"Adam"', "must be a list, not 'Adam'"),
    "exports of numbers": ("exports", "[1]", "must be a list of names, not [1]"),
    "an empty export": ("exports", '[""]', "must be a list of names"),
    "no exports": ("exports", "[]", "must name at least one"),
    "no flavour": ("flavours", "[]", "must name at least one"),
    "a flavour of nobody": ("flavours", '["jax"]', "'jax' is none of torch, numpy"),
    "a device of nobody": ("devices", '["tpu"]', "'tpu' is none of cpu, cuda, mps"),
    "forbidden of text": ("forbidden", '"torch.softmax"', "must be a list"),
    "limits of text": ("limits", 'limits = "none"', "must be a table, not 'none'"),
    "a typo": ("tittle", '"Adam"', "is not a key of a manifest"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_with_its_key_and_file(folder, name):
    key, value, words = WRONG[name]
    with pytest.raises(BadManifest) as caught:
        load(folder, **{key: value})
    assert f"{folder / 'kata.toml'}: {key}: " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "line, words",
    [
        ("case_seconds = 0", "case_seconds: must lie in 1 to 3600, not 0"),
        ("memory_mb = 1", "memory_mb: must lie in 64 to 1000000, not 1"),
        ('check_seconds = "long"', "check_seconds: must be a whole number, not 'long'"),
        ("cpu_seconds = 5", "cpu_seconds: is not a key of a manifest"),
    ],
)
def test_a_wrong_limit_is_named(folder, line, words):
    with pytest.raises(BadManifest) as caught:
        load(folder, limits=f"[limits]\n{line}")
    assert words in str(caught.value)


@pytest.mark.parametrize("text", [b"title = ", b"\xff\xfe", b"title = 1\ntitle = 2"])
def test_what_is_not_toml_is_refused_with_its_file(folder, text):
    (folder / "kata.toml").write_bytes(text)
    with pytest.raises(BadManifest) as caught:
        catalogue.load(folder)
    assert f"{folder / 'kata.toml'}: not TOML" in str(caught.value)
    assert "kata author check" in str(caught.value)


@pytest.mark.parametrize("slug, meant", [("adm", "adam"), ("softmax", "softmax-ce")])
def test_an_unknown_slug_suggests_the_one_that_was_meant(slug, meant):
    with pytest.raises(KataNotFound) as caught:
        catalogue.find(slug)
    first, second, third = str(caught.value).splitlines()
    assert first == f"No kata called {slug!r}."
    assert second.startswith("Did you mean: ")
    assert meant in second
    assert third == "See them all with: kata list"


def test_a_slug_like_nothing_gets_no_suggestion():
    with pytest.raises(KataNotFound) as caught:
        catalogue.find("xyzzy-plugh")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "../katas/adam", "/adam", "adam/", "a\0b", "a" * 300]
)
def test_a_slug_that_is_a_path_is_no_kata(slug):
    with pytest.raises(KataNotFound):
        catalogue.find(slug)


def test_a_folder_without_manifest_is_no_kata(tmp_path, monkeypatch, folder):
    monkeypatch.setenv("KATA_DATA", str(tmp_path))
    assert catalogue.slugs() == []
    load(folder)
    assert catalogue.slugs() == ["some-kata"]
    assert [kata.slug for kata in catalogue.every()] == ["some-kata"]


def test_an_unknown_flavour_says_which_there_are(folder):
    kata = load(folder, flavours='["torch", "numpy"]')
    assert kata.check_flavour("numpy") == "numpy"
    with pytest.raises(
        GraderError, match=r"no flavour 'jax'. It has: torch, numpy.\nTry: --flavour"
    ):
        kata.check_flavour("jax")


@pytest.mark.parametrize("slug", catalogue.slugs())
def test_every_kata_of_ours_has_all_of_its_files(slug):
    kata = catalogue.find(slug)
    assert kata.suite.is_file()
    assert kata.wrong_answers()
    for flavour in kata.flavours:
        assert "NotImplementedError" in kata.stub(flavour)
        assert kata.solution(flavour).is_file()
