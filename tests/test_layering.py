"""Who may import whom.  A new edge is a reviewed change to these tables."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

GRADER = Path(__file__).resolve().parent.parent / "grader"

# what a folder (or module) of grader/ may import from grader
MAY_IMPORT = {
    "errors": set(),
    "verdict": set(),
    "paths": set(),
    "devices": set(),
    "catalogue": {"paths", "errors", "manifests"},
    "manifests": {"paths", "errors"},
    "questions": {"errors"},
    "templating": {"paths"},
    "config": {"paths", "errors"},
    "editor": {"config", "errors"},
    "history": {"history", "paths", "errors", "verdict"},
    "cards": {"catalogue", "history"},
    "schedule": {"cards", "catalogue", "history"},
    "stats": {"cards", "catalogue", "history", "schedule"},
    "quiz": {"cards", "catalogue", "history", "questions", "schedule"},
    "workspace": {"paths", "config", "errors", "catalogue", "templating"},
    "pipeline": {"catalogue", "config", "errors", "history", "verdict", "warm.client", "workspace"},
    "hints": {"catalogue", "history"},
    "watching": set(),
    "wire": {"wire"},
    "probing": {"probing", "wire"},
    "sandbox": {"sandbox", "probing", "wire", "devices"},
    "judge": {"judge", "probing", "wire", "catalogue", "verdict", "errors", "authoring.header"},
    "warm.client": {"paths", "errors", "warm.fingerprint"},
    "warm.fingerprint": {"", "paths"},
    "warm.rehearsal": {"judge", "wire"},
    "warm": {"warm", "judge", "sandbox", "wire", "paths", "devices"},
    "authoring.header": {"verdict"},
    "authoring.scaffold": {"errors", "paths", "templating"},
    "authoring.trials": {"authoring", "catalogue", "errors", "judge", "verdict"},
    "authoring": {"authoring", "catalogue", "errors", "pipeline", "questions", "verdict"},
    "render": {
        "render",
        "catalogue",
        "questions",
        "verdict",
        "authoring",
        "stats",
        "templating",
        "interview",
    },
    "interview": {
        *("interview", "catalogue", "errors", "hints", "history", "paths", "pipeline"),
        *("questions", "verdict", "workspace"),
    },
    "report": {"", "report", "errors", "interview", "paths", "questions", "templating", "verdict"},
    "screens": {
        *("editor", "interview"),
        *("screens", "catalogue", "errors", "hints", "history", "pipeline", "questions"),
        *("verdict", "warm.client", "watching", "workspace"),
    },
    "cli": {
        *("cards", "config", "editor", "quiz", "schedule", "stats"),
        *("hints", "interview", "report", "screens", "watching"),
        *("", "cli", "errors", "catalogue", "history", "paths", "pipeline", "questions"),
        *("render", "verdict", "workspace", "warm.client", "authoring", "judge.local"),
    },
    "__main__": {"cli"},
    "": set(),
}

# outside packages, and the only places that may import them
ONLY_IN = {
    "click": {"cli", "render.terminal"},
    "rich": {"render"},
    "textual": {"screens"},
    "watchfiles": {"watching"},
    "jinja2": {"templating"},
    "markdown_it": {"report"},
    "pytest": {"judge", "warm.rehearsal"},
    "torch": {"wire.values", "probing", "judge", "devices", "warm.server", "warm.rehearsal"},
    "msgspec": {"wire"},
    "sqlite3": {"history"},
    "fsrs": {"cards"},
    "pickle": set(),
}


def modules() -> list[Path]:
    return sorted(GRADER.rglob("*.py"))


def name_of(path: Path) -> str:
    name = ".".join(path.relative_to(GRADER).with_suffix("").parts)
    return name.removesuffix("__init__").rstrip(".")


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            assert node.module is not None
            found += [_target(node.module, alias.name) for alias in node.names]
    return found


def _target(module: str, name: str) -> str:
    """`from grader.warm import client` imports grader.warm.client, not a name of grader.warm."""
    whole = f"{module}.{name}"
    path = GRADER.parent / Path(*whole.split("."))
    is_module = path.with_suffix(".py").exists() or (path / "__init__.py").exists()
    return whole if module.startswith("grader") and is_module else module


def _matches(name: str, rule: str) -> bool:
    return name == rule or (rule != "" and name.startswith(rule + "."))


def _rule_of(name: str) -> str:
    """The longest key of the table that covers a module."""
    keys = [key for key in MAY_IMPORT if _matches(name, key)]
    assert keys, f"grader.{name} is in no row of MAY_IMPORT"
    return max(keys, key=len)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_follow_the_table(path: Path) -> None:
    allowed = MAY_IMPORT[_rule_of(name_of(path))]
    for target in imports(path):
        if target == "grader" or target.startswith("grader."):
            inner = target.removeprefix("grader").lstrip(".")
            if inner != _rule_of(name_of(path)):
                assert any(_matches(inner, rule) for rule in allowed), f"imports {target}"
            continue
        package = target.partition(".")[0]
        if package in ONLY_IN:
            assert any(_matches(name_of(path), rule) for rule in ONLY_IN[package]), target


def test_there_are_no_cycles() -> None:
    edges = {
        name_of(path): {
            target.removeprefix("grader.")
            for target in imports(path)
            if target.startswith("grader.")
        }
        for path in modules()
    }
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " imports ".join((*above, name))
        if name not in done:
            for target in edges.get(name, ()):
                visit(target, (*above, name))
            done.add(name)

    # cli.main is asked for the exit codes by the commands that it imports when they are needed
    edges["cli.main"] = {target for target in edges["cli.main"] if not target.startswith("cli.")}
    for name in edges:
        visit(name, ())


def test_there_is_no_utils_module() -> None:
    assert not [path for path in modules() if path.stem in ("utils", "helpers", "common", "misc")]


HEAVY = ("torch", "numpy", "pytest", "rich", "textual", "msgspec", "jinja2", "fsrs")


@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_the_light_commands_import_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys, contextlib, io\n"
        "from grader.cli import main\n"
        f"sys.argv = ['kata', *{arguments!r}]\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    code = main._outcome()\n"
        f"print(code, [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "KATA_HOME": str(tmp_path)},
        check=True,
    )
    assert done.stdout.split("\n")[0] == "0 []", done.stdout + done.stderr
