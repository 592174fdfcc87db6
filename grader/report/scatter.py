"""Clusters as points and centroids; the nucleus of a distribution as bars."""

import math
from collections.abc import Iterator
from typing import Any

from grader.report import svg
from grader.report.values import Grid, gap, is_matrix, is_number, is_vector, matrix, vector

SIDE, GAP = 210.0, 30.0
BAR_HEIGHT = 110.0
MOST_BARS = 32


def clusters(got: Any, want: Any, given: dict[str, Any]) -> str:
    """The points in the colours of their labels, centroids as crosses: got beside want."""
    pair = _labelled(got, want, given)
    if pair is None or not is_matrix(given.get("X")):
        return ""
    points = matrix(given["X"])
    centroids = [row for one in pair for row in one[0]]
    if any(len(row) != len(points[0]) for row in centroids):
        return ""
    axes = _widest(points)
    every = [*points, *centroids]
    across = svg.scale((row[axes[0]] for row in every), 12, SIDE - 12)
    up = svg.scale((row[axes[1]] for row in every), SIDE - 12, 30)
    body: list[str] = []
    for number, (name, (middles, labels)) in enumerate(zip(("got", "want"), pair, strict=True)):
        left = number * (SIDE + GAP)

        def spots(rows: Grid, left: float = left) -> list[svg.Point]:
            return [(left + across(row[axes[0]]), up(row[axes[1]])) for row in rows]

        body += [svg.text(left, 12, name, "label"), svg.rect(left, 18, SIDE, SIDE - 18, "frame", 0)]
        body += _points(spots(points), labels, pair[1][1])
        body += _centroids(spots(middles))
    moved = sum(a != b for a, b in zip(pair[0][1], pair[1][1], strict=False))
    title = (
        f"{len(points)} points by cluster, got beside want, in dimensions {axes[0]} and {axes[1]}: "
        f"{moved} labels differ; crosses are centroids"
    )
    return svg.picture(2 * SIDE + GAP, SIDE, title, body)


def _points(spots: list[svg.Point], labels: list[float], want: list[float]) -> Iterator[str]:
    for number, ((x, y), label) in enumerate(zip(spots, labels, strict=False)):
        yield svg.dot(x, y, f"cluster {_colour(label)}", 4)
        if want[number : number + 1] != [label]:
            yield svg.dot(x, y, "ring", 7)


def _centroids(spots: list[svg.Point]) -> Iterator[str]:
    for number, (x, y) in enumerate(spots):
        if math.isfinite(x) and math.isfinite(y):
            yield svg.cross(x, y, "under", 7)
            yield svg.cross(x, y, f"centre {_colour(number)}")


def _colour(label: float) -> str:
    return f"c{int(label) % 6}" if math.isfinite(label) else ""


Labelled = tuple[list[list[float]], list[float]]


def _labelled(got: Any, want: Any, given: dict[str, Any]) -> tuple[Labelled, Labelled] | None:
    """Centroids and labels of both sides, wherever they are in the values."""
    if isinstance(want, dict) and isinstance(got, dict):
        if {"centroids", "labels"} <= set(want) and {"centroids", "labels"} <= set(got):
            one, other = _both(got), _both(want)
            return (one, other) if one and other else None
        for key in want:
            if key in got and isinstance(want[key], dict) and got[key] != want[key]:
                return _labelled(got[key], want[key], given)
    if is_vector(got) and is_vector(want) and is_matrix(given.get("centroids")):
        middles = matrix(given["centroids"])
        return (middles, vector(got)), (middles, vector(want))
    return None


def _both(value: dict[str, Any]) -> Labelled | None:
    if is_matrix(value["centroids"]) and is_vector(value["labels"]):
        return matrix(value["centroids"]), vector(value["labels"])
    return None


def _widest(points: list[list[float]]) -> tuple[int, int]:
    """The two dimensions in which the points lie farthest apart."""
    spans = []
    for axis in range(len(points[0])):
        values = [row[axis] for row in points if math.isfinite(row[axis])] or [0.0]
        spans.append((max(values) - min(values), -axis))
    order = sorted(range(len(spans)), key=spans.__getitem__, reverse=True)
    return (order[0], order[1]) if len(order) > 1 else (0, 0)


def nucleus(got: Any, want: Any, given: dict[str, Any]) -> str:
    """Probabilities in falling order, and which tokens stay: in both, only in got, only in want."""
    rows, p = _row(given.get("logits"), got, want), given.get("p")
    if rows is None or not isinstance(p, int | float):
        return ""
    logits, kept, due = rows
    probabilities = _softmax(logits, given.get("temperature", 1.0))
    order = sorted(range(len(logits)), key=lambda token: -probabilities[token])[:MOST_BARS]
    most = max(probabilities) or 1
    step = max(14.0, min(34.0, 440 / len(order)))
    body = [svg.text(0, 11, f"Probabilities in falling order, p = {p:g}", "label")]
    for place, token in enumerate(order):
        height = BAR_HEIGHT * probabilities[token] / most
        kind = _fate(math.isfinite(kept[token]), math.isfinite(due[token]))
        x = place * step
        body.append(svg.rect(x + 1, 26 + BAR_HEIGHT - height, step - 3, max(height, 1), kind))
        if step >= 18:
            body.append(svg.text(x + step / 2, 40 + BAR_HEIGHT, str(token), "tick", "middle"))
    fates = [_fate(math.isfinite(kept[t]), math.isfinite(due[t])) for t in order]
    title = (
        f"Nucleus for p = {p:g}: {fates.count('both')} tokens kept by both, "
        f"{fates.count('extra')} only in got, {fates.count('lost')} only in want"
    )
    return svg.picture(max(step * len(order), 230), BAR_HEIGHT + 46, title, body)


def _row(logits: Any, got: Any, want: Any) -> tuple[list[float], list[float], list[float]] | None:
    """The first row in which the kept tokens differ."""
    if is_vector(logits):
        got, want = (_kept(value, len(logits)) for value in (got, want))
        logits, got, want = [logits], [got], [want]
    if not (is_matrix(logits) and is_matrix(got) and is_matrix(want)):
        return None
    if not len(logits) == len(got) == len(want) or len(got[0]) != len(logits[0]):
        return None
    rows = list(zip(matrix(logits), matrix(got), matrix(want), strict=True))
    return max(rows, key=lambda row: gap(row[1], row[2]))


def _kept(value: Any, vocabulary: int) -> Any:
    """Tokens that came up, as filtered logits: finite where kept."""
    tokens: Any = value.get("tokens") if isinstance(value, dict) else None
    if not is_vector(tokens):
        return value
    return [0.0 if token in tokens else "-inf" for token in range(vocabulary)]


def _softmax(logits: list[float], temperature: Any) -> list[float]:
    if is_number(temperature) and float(temperature) > 0:
        logits = [value / float(temperature) for value in logits]
    finite = [value for value in logits if math.isfinite(value)]
    largest = max(finite, default=0.0)
    weights = [math.exp(v - largest) if math.isfinite(v) else 0.0 for v in logits]
    total = sum(weights) or 1.0
    return [weight / total for weight in weights]


def _fate(kept: bool, due: bool) -> str:
    if kept and due:
        return "both"
    return "extra" if kept else "lost" if due else "neither"
