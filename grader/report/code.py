"""Python source as HTML: comments, strings and keywords marked, nothing else."""

import ast
import io
import keyword
import tokenize
from html import escape

KINDS = {tokenize.COMMENT: "c", tokenize.STRING: "s", tokenize.NUMBER: "n"}


def highlight(source: str) -> str:
    """The source without the brief on top; plain where it cannot be read as Python."""
    source = _without_brief(source).strip("\n") + "\n"
    try:
        return _marked(source)
    except (tokenize.TokenError, SyntaxError):
        return escape(source)


def _without_brief(source: str) -> str:
    """A whole attempt begins with the brief, which the reader knows."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    if len(body) < 2 or not _is_text(body[0]) or body[0].end_lineno is None:
        return source
    return "".join(source.splitlines(keepends=True)[body[0].end_lineno :])


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _marked(source: str) -> str:
    lines = source.splitlines(keepends=True)
    out: list[str] = []
    row, column = 1, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = _kind(token)
        if not kind:
            continue
        out.append(escape(_between(lines, (row, column), token.start)))
        out.append(f'<span class="{kind}">{escape(token.string)}</span>')
        row, column = token.end
    out.append(escape(_between(lines, (row, column), (len(lines) + 1, 0))))
    return "".join(out)


def _kind(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "k"
    return KINDS.get(token.type, "")


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """The text from one place to another; rows count from one."""
    (row, column), (last, stop) = start, end
    if row == last:
        return lines[row - 1][column:stop] if row <= len(lines) else ""
    middle = lines[row : last - 1]
    tail = lines[last - 1][:stop] if last <= len(lines) else ""
    return "".join([lines[row - 1][column:] if row <= len(lines) else "", *middle, tail])
