"""The mutants of a solution: copies with one mechanical slip each, under names that last."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.authoring import neighbours, slips

WIDEST = 100  # characters of source that a mutant's name shows before and after
# annotations say nothing at run time; what an error says in words is nobody's contract
UNTOUCHED = ("annotation", "returns", "ctx", "type_params", "exc", "names")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed copy.  The id names file, function and change, and no line number."""

    id: str
    line: int
    source: str


def mutants_of(source: str, stem: str) -> list[Mutant]:
    """All mutants of a solution, in the order of its text; no two the same program."""
    return _Maker(source, stem).make()


class _Maker:
    def __init__(self, source: str, stem: str) -> None:
        self.tree = ast.parse(source)
        self.stem = stem
        self.seen = {ast.unparse(self.tree)}
        self.named: Counter[str] = Counter()
        self.made: list[Mutant] = []

    def make(self) -> list[Mutant]:
        self.visit(self.tree, ())
        return sorted(self.made, key=lambda mutant: mutant.line)

    def visit(self, node: ast.AST, above: tuple[ast.AST, ...]) -> None:
        path = (*above, node)
        for field, value in ast.iter_fields(node):
            if field in UNTOUCHED:
                continue
            for child, place in _children(node, field, value):
                if _is_docstring(child):
                    continue
                for other in (*slips.instead_of(child), *neighbours.instead_of(child, path)):
                    self.add(child, other, place, path)
                if slips.number(child) is None:  # the 1 in -1 is no number of its own
                    self.visit(child, path)

    def add(self, child: ast.AST, other: ast.AST, place: "_Place", path: Any) -> None:
        shown = _shown(child, path)
        before = _text(shown)
        place.put(other)
        try:
            text = ast.unparse(self.tree)
            after = _text(other if shown is child else shown)
        finally:
            place.put(child)
        if text in self.seen:
            return
        self.seen.add(text)
        name = f"{self.stem}.{_function(path)}: {before} -> {after}"
        self.named[name] += 1
        count = self.named[name]
        unique = name if count == 1 else f"{name} ({count})"
        self.made.append(Mutant(unique, _line(child, path), text + "\n"))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs in the tree."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _children(node: ast.AST, field: str, value: Any) -> Iterator[tuple[ast.AST, _Place]]:
    if isinstance(value, ast.AST):
        yield value, _Place(node, field, None)
    elif isinstance(value, list):
        for index, child in enumerate(list(value)):
            if isinstance(child, ast.AST):
                yield child, _Place(node, field, index)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _shown(child: ast.AST, path: tuple[ast.AST, ...]) -> ast.AST:
    """The widest piece of the statement around a node that a name has room for."""
    shown = child
    for ancestor in reversed(path):
        if isinstance(shown, ast.stmt) or isinstance(ancestor, ast.Module | ast.ClassDef):
            break
        if isinstance(ancestor, ast.FunctionDef):
            break  # its arguments are shown, and not its first line
        if len(_text(ancestor)) > WIDEST:
            break
        shown = ancestor
    return shown


def _text(node: ast.AST) -> str:
    """One line of source; of a statement with a body, its head."""
    return "(nothing)" if isinstance(node, ast.Pass) else ast.unparse(node).partition("\n")[0]


def _function(path: tuple[ast.AST, ...]) -> str:
    names = [node.name for node in path if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return ".".join(names) or "module"


def _line(child: ast.AST, path: tuple[ast.AST, ...]) -> int:
    lines = [node.lineno for node in (*path, child) if isinstance(node, ast.stmt | ast.expr)]
    return lines[-1]
