"""Forbidden calls read off the source, before anything runs.

Only what can run counts: the body of `if __name__ == "__main__"` and functions that nothing reaches are
left out, so that a learner may keep a comparison with the library in the file.
"""

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

# switches of autograd, the same objects as torch.no_grad and so on: never a way to get an answer
HARMLESS = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "Tensor", "Variable")


def forbids(patterns: tuple[str, ...], dotted: str) -> bool:
    if dotted.rpartition(".")[2] in HARMLESS:
        return False
    return any(fnmatchcase(dotted, pattern) for pattern in patterns)


def first_forbidden(source: str, patterns: tuple[str, ...], exports: tuple[str, ...]) -> str:
    """'line 12: torch.softmax', or an empty text."""
    tree = ast.parse(source)
    aliases = _aliases(tree)
    roots = {pattern.partition(".")[0] for pattern in patterns if pattern.endswith(".*")} - {
        "torch"
    }
    for node in _reachable(tree, exports):
        if isinstance(node, ast.Import | ast.ImportFrom):
            dotted = _imported(node, roots)
        elif isinstance(node, ast.Attribute | ast.Name):
            dotted = _resolve(node, aliases)
            dotted = dotted if dotted and forbids(patterns, dotted) else ""
        else:
            continue
        if dotted:
            return f"line {node.lineno}: {dotted}"
    return ""


def _aliases(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                names[alias.asname or whole] = whole
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _resolve(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, aliases)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def _imported(node: ast.Import | ast.ImportFrom, roots: set[str]) -> str:
    modules = (
        [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
    )
    return next((name for name in modules if name and name.partition(".")[0] in roots), "")


def _reachable(tree: ast.Module, exports: tuple[str, ...]) -> Iterator[ast.AST]:
    """Every node that the exports, or the import of the file, can come to."""
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = {node.name: node for node in tree.body if isinstance(node, definitions)}
    waiting = [node for node in tree.body if not isinstance(node, definitions)]
    waiting = [node for node in waiting if not _is_main_block(node)]
    waiting += [defined.pop(name) for name in exports if name in defined]
    while waiting:
        for node in ast.walk(waiting.pop()):
            yield node
            name = node.id if isinstance(node, ast.Name) else ""
            if name in defined:
                waiting.append(defined.pop(name))


def _is_main_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)
