"""The learner's attempts: one file a kata and flavour, never overwritten, every old one archived."""

import ast
import io
import os
import random
import time
import tokenize
from pathlib import Path

from grader import catalogue, config, templating
from grader.catalogue import Kata
from grader.errors import AttemptExists, BadAttempt, GraderError

LARGEST = 4 * 1024 * 1024  # bytes of an attempt
_ELSEWHERE = "Go to a folder of yours, or name one: KATA_WORKSPACE=DIR kata new ..."


def folder() -> Path:
    return config.workspace() / "attempts"


def attempt_of(kata: Kata, flavour: str) -> Path:
    name = kata.slug if flavour == kata.flavours[0] else f"{kata.slug}_{flavour}"
    return folder() / f"{name}.py"


def find(kata: Kata, flavour: str | None) -> tuple[Path, str]:
    """The attempt to check, and its flavour; without a flavour, the one touched last."""
    chosen = kata.check_flavour(flavour) if flavour else touched_last(kata) or kata.flavours[0]
    path = attempt_of(kata, chosen)
    if path.exists():
        return path, chosen
    raise BadAttempt(
        f"There is no attempt at {path}.\nStart one: kata new {in_words(kata, chosen)}"
    )


def touched_last(kata: Kata) -> str | None:
    """The flavour of this kata's attempt that was edited last; None without an attempt."""
    there = [(attempt_of(kata, each), each) for each in kata.flavours]
    times = [(path.stat().st_mtime, each) for path, each in there if path.exists()]
    return max(times)[1] if times else None


def in_words(kata: Kata, flavour: str) -> str:
    """What to type after a command that is to be about this attempt."""
    return kata.slug if flavour == kata.flavours[0] else f"{kata.slug} --flavour {flavour}"


def flavour_of(kata: Kata, source: str) -> str:
    """What a file of unknown origin is written in: NumPy when it imports that and not torch."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    fits = "numpy" in kata.flavours and "numpy" in imported and "torch" not in imported
    return "numpy" if fits else kata.flavours[0]


def last_touched() -> str:
    """The slug of the attempt that was edited last."""
    known = set(catalogue.slugs())
    attempts = [path for path in folder().glob("*.py") if slug_of(path) in known]
    if not attempts:
        raise GraderError(
            "No attempt yet in this folder.\nSee the katas: kata list\nStart one: kata new adam"
        )
    return slug_of(max(attempts, key=lambda path: path.stat().st_mtime))


def slug_of(path: Path) -> str:
    """The kata that a file is named after, if there is one of that name."""
    stem = path.stem
    for flavour in catalogue.FLAVOURS:
        stem = stem.removesuffix(f"_{flavour}")
    return stem


def read(path: Path) -> str:
    """The text of an attempt; whatever is wrong with the file is said here, before anything runs."""
    name = os.fsencode(path).decode("utf-8", "replace")
    if name != str(path):
        raise BadAttempt(f"{name}: the name of this file is not UTF-8. Rename it.")
    if path.is_dir():
        raise BadAttempt(f"{path} is a folder. Name the file: --attempt {path}/NAME.py")
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)  # it may be a device that never ends
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise BadAttempt(f"There is no file {path}.\nCheck the name, or: kata new SLUG") from None
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise BadAttempt(f"{path}, line {line}: not UTF-8. Save the file as UTF-8.") from None
    except OSError as problem:
        raise BadAttempt(f"{path} cannot be read: {problem.strerror}.") from None
    if len(content) > LARGEST:
        raise BadAttempt(f"{path} has more than {LARGEST >> 20} MiB. Is it the attempt?")
    if not text.strip():
        raise BadAttempt(f"{path} is empty.\n{_start_again(path)}")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadAttempt(f"{path}, line {line}: a null byte. Remove it and save again.")
    _check_syntax(path, text)
    return text


def _start_again(path: Path) -> str:
    """For one of the attempts the command that fills it; any other file is the person's own."""
    for kata in catalogue.every():
        for flavour in kata.flavours:
            if attempt_of(kata, flavour).absolute() == path.absolute():
                return f"Start again: kata reset {in_words(kata, flavour)}"
    return "Write the attempt, then check it."


def _check_syntax(path: Path, text: str) -> None:
    try:
        compile(text, str(path), "exec", dont_inherit=True)
    except SyntaxError as problem:
        code = (problem.text or "").rstrip("\n")
        indent = len(code) - len(code.lstrip())
        caret = " " * max((problem.offset or 1) - 1 - indent, 0) + "^"
        raise BadAttempt(
            f"{path}, line {problem.lineno}: {problem.msg}\n    {code.strip()}\n    {caret}"
        ) from None
    except (RecursionError, MemoryError, ValueError) as problem:
        raise BadAttempt(
            f"{path} cannot be compiled: {str(problem) or 'nested too deep'}."
        ) from None


def new(kata: Kata, flavour: str, *, again: bool = False, broken: bool = False) -> Path:
    """Write a new attempt.  An old one is refused, or archived first with `again`."""
    path = attempt_of(kata, flavour)
    if path.exists() and not again:
        raise AttemptExists(
            f"{path} is there already.\n"
            "Go on with it, or archive it and start again: "
            f"kata new {in_words(kata, flavour)} --again{' --broken' if broken else ''}"
        )
    code = _broken(kata, flavour) if broken else _without_docstring(kata.stub(flavour))
    text = templating.render(
        "attempt.py.jinja", kata=kata, brief=kata.brief(), code=code, flavour=flavour
    )
    set_aside(path)
    _write_new(path, text)
    return path


def reset(kata: Kata, flavour: str) -> tuple[Path, Path | None]:
    """A fresh attempt, and where the old one is kept."""
    path = attempt_of(kata, flavour)
    kept = set_aside(path)
    return new(kata, flavour), kept


def undo(kata: Kata, flavour: str) -> tuple[Path, Path | None]:
    """The attempt that was archived last takes its place again; where today's is kept in turn."""
    path = attempt_of(kata, flavour)
    old = sorted((folder() / "archive").glob(f"{path.stem}.*.py"))
    if not old:
        raise GraderError(f"Nothing to bring back: no archived attempt of {kata.slug}.")
    kept = set_aside(path)
    _move(old[-1], path)
    os.utime(path)  # the attempt touched last, whatever is written beside it
    return path, kept


def restore(path: Path, text: str) -> Path | None:
    """Put an old text in the attempt's place, and say where the present one is kept."""
    kept = set_aside(path)
    _write_new(path, text)
    return kept


def set_aside(path: Path) -> Path | None:
    """Archive what stands there, if anything does, and say where it is kept."""
    return archive(path) if path.exists() else None


def archive(path: Path) -> Path:
    """Move an attempt into archive/, under a name that sorts after all that are there."""
    if path.is_dir():
        raise BadAttempt(f"{path} is a folder, and no attempt. Move it away first.")
    target = path.parent / "archive"
    _make(target)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    # a name that `undo` set free is not used again: the last name has to be the last attempt
    there = sorted(target.glob(f"{path.stem}.{stamp}-*.py"))
    first = int(there[-1].stem.rpartition("-")[2]) + 1 if there else 0
    for count in range(first, 1000):
        kept = target / f"{path.stem}.{stamp}-{count:03d}.py"
        try:
            _move(path, kept)
        except FileExistsError:
            continue
        return kept
    raise GraderError(f"{target} holds a thousand attempts of this second.")


def _move(source: Path, target: Path) -> None:
    """Never over another file, and byte for byte: an attempt may be in no encoding at all."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        content = source.read_bytes()
        with open(target, "xb") as copy:
            copy.write(content)
    source.unlink()


def _write_new(path: Path, text: str) -> None:
    """All of the file or none of it, and never over another."""
    _make(path.parent)
    try:
        stream = open(path, "x", encoding="utf-8")  # noqa: SIM115  (closing it may fail too)
    except OSError as problem:
        raise GraderError(f"{path} cannot be written: {problem.strerror}.\n{_ELSEWHERE}") from None
    try:
        with stream:
            stream.write(text)
    except OSError as problem:
        path.unlink()
        raise GraderError(
            f"{path} cannot be written: {problem.strerror}.\nMake room, then try again."
        ) from None


def make_folder() -> None:
    """The folder of the attempts, made and found writable, before somebody's clock runs."""
    _make(folder())
    if not os.access(folder(), os.W_OK):
        raise GraderError(f"{folder()} cannot be written.\n{_ELSEWHERE}")


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise GraderError(
            f"{directory} cannot be made: {problem.strerror}.\n{_ELSEWHERE}"
        ) from None


def _broken(kata: Kata, flavour: str) -> str:
    """One of the wrong answers, without the words that give it away."""
    texts = [path.read_text("utf-8") for path in kata.wrong_answers()]
    fitting = [text for text in texts if ("flavour: numpy" in text) == (flavour == "numpy")]
    if not fitting:
        raise GraderError(f"{kata.slug} has no wrong answer in the flavour {flavour}.")
    return _without_comments(_without_docstring(random.choice(fitting)))


def _without_docstring(source: str) -> str:
    first = ast.parse(source).body[0]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
        return source
    return "".join(source.splitlines(keepends=True)[first.end_lineno :]).lstrip("\n")


def _without_comments(source: str) -> str:
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines) + "\n"
