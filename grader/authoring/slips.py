"""The slips that make a mutant: for one node of a syntax tree, what could stand there instead.  A leaf."""

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
PAIRS = [
    *("max min", "amax amin", "argmax argmin", "maximum minimum", "sum mean", "any all"),
    *("triu tril", "zeros ones", "zeros_like ones_like", "float32 float64", "int64 int32"),
    *("rstrip lstrip", "add_ sub_", "mul_ div_", "exp expm1", "log log2", "sqrt abs"),
]
TWINS = {name: twin for pair in PAIRS for name, twin in (pair.split(), pair.split()[::-1])}
MODULES = ("torch", "np", "nn", "math", "F")  # torch.exp is a function of torch, x.exp a method
MOST_ARGUMENTS = 3

Slip = Callable[[Any], Iterator[ast.AST]]


def instead_of(node: ast.AST) -> Iterator[ast.AST]:
    """What a slip could have written in the place of `node`."""
    for kind, slip in SLIPS:
        if isinstance(node, kind):
            yield from slip(node)


def number(node: ast.AST) -> int | float | None:
    """The value of a literal number, its sign included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value  # type: ignore[return-value]
    return None


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _neighbours_swapped(nodes: Sequence[ast.AST]) -> Iterator[list[ast.AST]]:
    for i in range(len(nodes) - 1):
        yield [*nodes[:i], nodes[i + 1], nodes[i], *nodes[i + 2 :]]


def _each_dropped(nodes: Sequence[ast.AST]) -> Iterator[list[ast.AST]]:
    for i in range(len(nodes)):
        yield [*nodes[:i], *nodes[i + 1 :]]


def _shifted(node: ast.expr | None) -> Iterator[ast.expr]:
    """One more and one less; a literal number is a slip of its own."""
    if node is not None and number(node) is None:
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for i, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield _with(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    if type(node.op) in OPERATORS:
        yield _with(node, op=OPERATORS[type(node.op)]())
    yield node.left
    yield node.right
    if isinstance(node.op, ORDERED):
        yield _with(node, left=node.right, right=node.left)


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    for values in _each_dropped(node.values):
        yield _with(node, values=values) if len(values) > 1 else values[0]


def _literal(node: ast.expr) -> Iterator[ast.AST]:
    value = number(node)
    if value is not None:
        others = {value + 1, value - 1, value * 2, 0 * value, -value} - {value}
        yield from (ast.Constant(other) for other in sorted(others))
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield ast.Constant(node.value + "x")


def _call(node: ast.Call) -> Iterator[ast.AST]:
    if _is_method(node.func):
        yield node.func.value  # type: ignore[attr-defined]
    if len(node.args) <= MOST_ARGUMENTS:
        yield from (arg for arg in node.args if not isinstance(arg, ast.Starred))
    for keywords in _each_dropped(node.keywords):
        yield _with(node, keywords=keywords)
    for args in _neighbours_swapped(node.args):
        yield _with(node, args=args)
    if len(node.args) > 1 or (node.args and _is_method(node.func)):
        yield _with(node, args=node.args[:-1])
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        for i, bound in enumerate(node.args):
            for moved in _shifted(bound):
                yield _with(node, args=[*node.args[:i], moved, *node.args[i + 1 :]])


def _is_method(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    return not (isinstance(owner, ast.Name) and owner.id in MODULES)


def _named(node: ast.Attribute | ast.Name) -> Iterator[ast.AST]:
    field = "attr" if isinstance(node, ast.Attribute) else "id"
    name = getattr(node, field)
    if name in TWINS and isinstance(node.ctx, ast.Load):
        yield _with(node, **{field: TWINS[name]})
    if name == "T" and isinstance(node, ast.Attribute):
        yield node.value


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    for side in ("lower", "upper"):
        bound = getattr(node, side)
        if bound is not None:
            yield _with(node, **{side: None})
        for moved in _shifted(bound):
            yield _with(node, **{side: moved})


def _display(node: ast.List | ast.Tuple) -> Iterator[ast.AST]:
    if not isinstance(node.ctx, ast.Load):
        return
    for elts in _neighbours_swapped(node.elts):
        yield _with(node, elts=elts)
    if isinstance(node, ast.List) or any(isinstance(part, ast.Starred) for part in node.elts):
        for elts in _each_dropped(node.elts):
            yield _with(node, elts=elts)


def _choice(node: ast.IfExp) -> Iterator[ast.AST]:
    yield _with(node, body=node.orelse, orelse=node.body)
    yield node.body
    yield node.orelse


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for ifs in _each_dropped(node.ifs):
        yield _with(node, ifs=ifs)
    for i, condition in enumerate(node.ifs):
        if _has_an_opposite(condition):
            continue
        opposite = ast.UnaryOp(ast.Not(), condition)
        yield _with(node, ifs=[*node.ifs[:i], opposite, *node.ifs[i + 1 :]])


def _has_an_opposite(test: ast.expr) -> bool:
    """`not x` and `a < b` have slips of their own that turn them round."""
    return isinstance(test, ast.UnaryOp) or (isinstance(test, ast.Compare) and len(test.ops) == 1)


def _branch(node: ast.If | ast.While) -> Iterator[ast.AST]:
    if not _has_an_opposite(node.test):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    yield _with(node, test=ast.Constant(False))
    if isinstance(node, ast.If):
        yield _with(node, test=ast.Constant(True))


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in OPERATORS:
        yield _with(node, op=OPERATORS[type(node.op)]())
    yield ast.Assign([node.target], node.value, lineno=node.lineno)
    # a new object under the old name, where the old object should have changed
    yield ast.Assign([node.target], ast.BinOp(node.target, node.op, node.value), lineno=node.lineno)


def _context(node: ast.With) -> Iterator[ast.AST]:
    yield ast.If(ast.Constant(True), node.body, [])


def _jump(node: ast.Break | ast.Continue) -> Iterator[ast.AST]:
    yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def _error(node: ast.Raise) -> Iterator[ast.AST]:
    if isinstance(node.exc, ast.Call):
        yield _with(node, exc=_with(node.exc, func=ast.Name("RuntimeError")))


def _undecorated(node: ast.FunctionDef) -> Iterator[ast.AST]:
    for decorators in _each_dropped(node.decorator_list):
        yield _with(node, decorator_list=decorators)


def _dropped(node: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


SLIPS: list[tuple[Any, Slip]] = [
    (ast.Compare, _compare),
    (ast.BinOp, _binary),
    (ast.BoolOp, _boolean),
    (ast.Constant | ast.UnaryOp, _literal),
    (ast.Call, _call),
    (ast.Attribute | ast.Name, _named),
    (ast.Slice, _slice),
    (ast.List | ast.Tuple, _display),
    (ast.IfExp, _choice),
    (ast.comprehension, _comprehension),
    (ast.If | ast.While, _branch),
    (ast.AugAssign, _augmented),
    (ast.With, _context),
    (ast.Break | ast.Continue, _jump),
    (ast.Raise, _error),
    (ast.FunctionDef, _undecorated),
    (ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.For, _dropped),
]
