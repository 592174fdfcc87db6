"""Lines over steps: trajectories of parameters, running statistics, cases going green."""

import math
from typing import Any

from grader.report import svg
from grader.report.values import differ, flat, is_vector

WIDTH, HEIGHT = 460.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 18.0, 22.0
MOST_LINES, ACROSS = 6, 3
SMALL, SMALL_HEIGHT = 160.0, 92.0

Series = dict[str, tuple[list[float], list[float]]]  # name: got and want over the steps


def trajectories(got: Any, want: Any, given: dict[str, Any]) -> str:
    """Parameters after each step, from where they began; only those that go astray."""
    if not (_is_path(got) and _is_path(want) and len(got) == len(want)):
        return ""
    start = given.get("params")
    if start is not None and _is_path([start]):
        got, want = [start, *got], [start, *want]
    lines: Series = {}
    for param, values in enumerate(want[0]):
        for entry in range(len(flat(values))):
            try:
                one, other = ([flat(step[param])[entry] for step in path] for path in (got, want))
            except IndexError:
                return ""
            lines[f"θ{_below(param)}[{entry}]"] = (one, other)
    return _panels("Parameters after each step", _astray(lines), "points")


def _is_path(value: Any) -> bool:
    """A list of steps, each a list of parameters, each a tensor."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(step, list) and step and all(map(flat, step)) for step in value)
    )


def statistics(got: Any, want: Any) -> str:
    """Running statistics after each batch, a chart each."""
    if not (_is_log(got) and _is_log(want) and len(got) == len(want) > 1):
        return ""
    charts = []
    for name in ("running_mean", "running_var"):
        lines: Series = {}
        for channel in range(len(want[0][name])):
            try:
                pair = [[float(step[name][channel]) for step in log] for log in (got, want)]
            except (IndexError, TypeError):
                return ""
            lines[f"channel {channel}"] = (pair[0], pair[1])
        charts.append(_panels(f"{name} after each batch", _astray(lines), "batches"))
    return "".join(charts)


def _is_log(value: Any) -> bool:
    names = ("running_mean", "running_var")
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(step, dict) and all(is_vector(step.get(n)) for n in names) for step in value
        )
    )


def _astray(lines: Series) -> Series:
    """The lines that differ first, then others, as many as there is room for."""
    order = sorted(lines, key=lambda name: not any(map(differ, *lines[name])))
    return {name: lines[name] for name in order[:MOST_LINES]}


def _panels(title: str, lines: Series, unit: str) -> str:
    """A small chart for each line, each with its own scale, so that small differences show."""
    count = len(next(iter(lines.values()))[0])
    wrong = [name for name, pair in lines.items() if any(map(differ, *pair))]
    body = [svg.text(0, 11, title, "label")]
    for place, (name, pair) in enumerate(lines.items()):
        left, top = place % ACROSS * SMALL, 18 + place // ACROSS * (SMALL_HEIGHT + 8)
        body += _small(name, pair, left, top, bold=name in wrong)
    rows = (len(lines) + ACROSS - 1) // ACROSS
    words = f"{', '.join(wrong)} differ" if wrong else "no line differs"
    return svg.picture(
        max(min(len(lines), ACROSS) * SMALL, 200),
        18 + rows * (SMALL_HEIGHT + 8),
        f"{title}: got and want over {count} {unit}; {words}",
        body,
    )


def _small(
    name: str, pair: tuple[list[float], list[float]], left: float, top: float, *, bold: bool
) -> list[str]:
    floor, right = top + SMALL_HEIGHT - 6, left + SMALL - 14
    count = len(pair[0])
    across = svg.Scale(0, max(count - 1, 1), left + 40, right)
    up = svg.scale([*pair[0], *pair[1]], floor - 6, top + 20)
    body = [
        svg.text(left + 40, top + 10, name, "name" if bold else "tick"),
        svg.line([(left + 36, top + 14), (left + 36, floor), (right, floor)], "axis"),
        svg.text(left + 33, up(up.most) + 4, svg.number(up.most), "tick", "end"),
    ]
    if up.least < up.most:
        body.append(svg.text(left + 33, up(up.least) + 4, svg.number(up.least), "tick", "end"))
    for values, kind in ((pair[1], "wanted"), (pair[0], "got")):
        points = [(across(i), up(v)) for i, v in enumerate(values) if math.isfinite(v)]
        body.append(svg.line(points, kind))
        body += [svg.dot(x, y, kind, 2) for x, y in points if count <= 12]
    return body


def greens(steps: list[tuple[float, int]], total: int, share: float) -> str:
    """How many cases were green after each check; the kata's share of the time as a line."""
    if not steps or not total:
        return ""
    end = max(steps[-1][0], 1.0)
    across = svg.Scale(0, end, LEFT, WIDTH - RIGHT - 40)
    up = svg.Scale(0, total, HEIGHT - BOTTOM, TOP + 4)
    points, before = [(across(0), up(0))], 0
    for at, passed in steps:
        points += [(across(at), up(before)), (across(at), up(passed))]
        before = passed
    body = [
        svg.text(0, 11, "Cases going green", "label"),
        svg.line([(LEFT, TOP), (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM)], "axis"),
        svg.text(LEFT - 4, up(total) + 4, str(total), "tick", "end"),
        svg.text(LEFT - 4, up(0) + 4, "0", "tick", "end"),
        svg.text(LEFT, HEIGHT - 7, "0:00", "tick"),
        svg.text(across(end), HEIGHT - 7, _clock(end), "tick", "end"),
        svg.line(points, "rising"),
        *(svg.dot(across(at), up(passed), "rising") for at, passed in steps),
        svg.text(across(end) + 8, up(before) + 4, f"{before} of {total}", "tick"),
    ]
    said = ", ".join(f"{passed} at {_clock(at)}" for at, passed in steps)
    return svg.picture(WIDTH, HEIGHT, f"Green cases of {total} after each check: {said}", body)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _below(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
