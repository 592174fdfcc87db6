"""Slips that need the function around them: a name taken for another, an earlier value returned.  A leaf."""

import ast
from collections.abc import Iterator

EARLIER_VALUES = 2

Path = tuple[ast.AST, ...]


def instead_of(node: ast.AST, path: Path) -> Iterator[ast.AST]:
    """What a slip could have written for `node`; `path` leads to it from the module."""
    function = _function(path)
    if function is None:
        return
    if isinstance(node, ast.Return) and node.value is not None:
        yield from _earlier_returns(node, function)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (ast.Name(name) for name in _next(node.id, _locals(function)))
    if _is_field(node) and isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
        fields = _fields(path)
        for name in _next(node.attr, fields):  # type: ignore[attr-defined]
            yield ast.Attribute(node.value, name, ast.Load())  # type: ignore[attr-defined]


def _function(path: Path) -> ast.FunctionDef | None:
    functions = [node for node in path if isinstance(node, ast.FunctionDef)]
    return functions[-1] if functions else None


def _earlier_returns(node: ast.Return, function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Nothing, the first argument, or a value that was named on the way."""
    yield ast.Return(ast.Constant(None))
    named = [name.id for name in _stored(function) if name.lineno < node.lineno]
    arguments = [name for name in _locals(function) if name not in named]
    for earlier in dict.fromkeys([*arguments[:1], *named[-EARLIER_VALUES:]]):
        yield ast.Return(ast.Name(earlier))


def _next(name: str, names: list[str]) -> Iterator[str]:
    """The name that follows, round in a circle: one slip for each use of a name."""
    if name in names and len(names) > 1:
        yield names[(names.index(name) + 1) % len(names)]


def _locals(function: ast.FunctionDef) -> list[str]:
    """Arguments, then names in the order in which they are given values."""
    arguments = [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)]
    names = dict.fromkeys([*arguments, *(name.id for name in _stored(function))])
    return [name for name in names if name != "self"]


def _stored(function: ast.FunctionDef) -> list[ast.Name]:
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    stored = [name for name in names if isinstance(name.ctx, ast.Store)]
    return sorted(stored, key=lambda name: (name.lineno, name.col_offset))


def _is_field(node: ast.AST) -> bool:
    is_attribute = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return is_attribute and node.value.id == "self"  # type: ignore[attr-defined]


def _fields(path: Path) -> list[str]:
    """What the class around keeps in self, in the order in which it is first set."""
    classes = [node for node in path if isinstance(node, ast.ClassDef)]
    nodes = [node for node in ast.walk(classes[-1]) if _is_field(node)] if classes else []
    stored = [node for node in nodes if isinstance(node.ctx, ast.Store)]  # type: ignore[attr-defined]
    return list(dict.fromkeys(node.attr for node in stored))  # type: ignore[attr-defined]
