"""Heat maps: what came out and what was wanted on one scale, and the difference on its own."""

import math
from typing import Any

from grader.report import svg
from grader.report.values import Grid, differ, gap, is_matrix, is_vector, matrix, pairs

WIDEST = 40
LARGEST, SMALLEST, NUMBERED = 42.0, 7.0, 7  # cells in pixels; up to 7 columns have their numbers
ROOM = 300.0
LETTER = 7.0


def draw(got: Any, want: Any) -> str:
    """The two-dimensional part that differs most, or an empty text."""
    found = [
        (where, _grid(one), _grid(other))
        for where, one, other in pairs(got, want)
        if _grid(one) and gap(one, other) > 0
    ]
    found = [trio for trio in found if _shape(trio[1]) == _shape(trio[2])]
    if not found:
        return ""
    where, one, other = max(found, key=lambda trio: gap(trio[1], trio[2]))
    if len(one[0]) > WIDEST or len(one) > WIDEST or len(one) * len(one[0]) < 2:
        return ""
    return _panels(where, one, other)


def _grid(value: Any) -> Grid:
    if is_matrix(value):
        return matrix(value)
    return matrix([value]) if is_vector(value) else []


def _shape(grid: Grid) -> tuple[int, int]:
    return len(grid), len(grid[0]) if grid else 0


def _panels(where: str, got: Grid, want: Grid) -> str:
    rows, columns = _shape(got)
    cell = max(SMALLEST, min(LARGEST, ROOM / columns))
    wrong = [
        [differ(a, b) for a, b in zip(*two, strict=True)] for two in zip(got, want, strict=True)
    ]
    count = sum(map(sum, wrong))
    outlined = wrong if 2 * count <= rows * columns else [[False] * columns] * rows
    across = columns * cell < ROOM / 2
    body = []
    for number, (name, grid, largest) in enumerate(_maps(where, got, want, columns * cell)):
        x = number * (columns * cell + 24) if across else 0
        y = 0 if across else number * (rows * cell + 30)
        body.append(svg.text(x, y + 12, name, "label"))
        body += _cells(grid, outlined, x, y + 18, cell, largest)
    return svg.picture(
        max(3 * (columns * cell + 24) - 24 if across else columns * cell, 90),
        rows * cell + 20 if across else 3 * (rows * cell + 30) - 10,
        f"Heat maps of got, want and their difference{where and f' at {where}'}, "
        f"{rows} by {columns}: {count} of {rows * columns} entries differ",
        body,
    )


def _maps(where: str, got: Grid, want: Grid, width: float) -> list[tuple[str, Grid, float]]:
    """Each map with its name and the value that gets the full colour."""
    gaps = [
        [a - b if a != b else 0.0 for a, b in zip(*two, strict=True)]
        for two in zip(got, want, strict=True)
    ]
    largest = _largest([*got, *want])
    place = where if LETTER * len(f"want{where}") < width else ""  # the title says it anyway
    return [
        (f"got{place}", got, largest),
        (f"want{place}", want, largest),
        ("got − want", gaps, _largest(gaps)),
    ]


def _largest(grid: Grid) -> float:
    return max((abs(v) for row in grid for v in row if math.isfinite(v)), default=1) or 1


def _cells(
    grid: Grid,
    outlined: list[list[bool]],
    left: float,
    top: float,
    cell: float,
    largest: float,
) -> list[str]:
    body = []
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            x, y = left + j * cell, top + i * cell
            body.append(_cell(value, x, y, cell, largest))
            if outlined[i][j]:
                body.append(svg.rect(x + 1, y + 1, cell - 2, cell - 2, "differs", 0))
            if len(row) <= NUMBERED or not math.isfinite(value):
                size = "cell" if len(row) <= NUMBERED else "cell tiny"
                body.append(svg.text(x + cell / 2, y + cell / 2 + 3, _short(value), size, "middle"))
    return body


def _short(value: float) -> str:
    """At most six signs, so that it fits its cell."""
    if not math.isfinite(value) or value == 0:
        return svg.number(value)
    if not 0.01 <= abs(value) < 1000:
        digits, _, power = f"{value:.0e}".partition("e")
        return f"{digits}e{int(power)}".replace("-", "−")
    return (f"{value:.2g}" if abs(value) < 1 else f"{value:.3g}").replace("-", "−")


def _cell(value: float, x: float, y: float, cell: float, largest: float) -> str:
    if not math.isfinite(value):
        return svg.rect(x, y, cell, cell, "strange", 0.55 if math.isnan(value) else 0.14)
    kind = "above" if value >= 0 else "below"
    return svg.rect(x, y, cell, cell, kind, 0.06 + 0.7 * abs(value) / largest)
