"""Pieces of inline SVG; colours come from the page's style sheet, by class."""

import math
from collections.abc import Iterable, Sequence
from html import escape

Point = tuple[float, float]


def picture(width: float, height: float, title: str, body: Iterable[str]) -> str:
    """An image that a screen reader reads by its title."""
    return (
        f'<svg role="img" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}"><title>{escape(title)}</title>{"".join(body)}</svg>'
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def rect(x: float, y: float, width: float, height: float, kind: str, opacity: float = 1) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'class="{kind}" fill-opacity="{opacity:.2f}"/>'
    )


def line(points: Sequence[Point], kind: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" class="{kind}"/>'


def dot(x: float, y: float, kind: str, radius: float = 3) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{kind}"/>'


def cross(x: float, y: float, kind: str, size: float = 5) -> str:
    return (
        f'<path d="M{x - size:.1f} {y - size:.1f}l{2 * size:g} {2 * size:g}'
        f'm0 {-2 * size:g}l{-2 * size:g} {2 * size:g}" class="{kind}"/>'
    )


def number(value: float) -> str:
    """A value as a label: short, with a real minus sign."""
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[str(value)]
    return f"{value:.3g}".replace("-", "−")


def scale(values: Iterable[float], low: float, high: float) -> "Scale":
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    return Scale(min(finite), max(finite), low, high)


class Scale:
    """From values to places on the paper; a single value lands in the middle."""

    def __init__(self, least: float, most: float, low: float, high: float) -> None:
        self.least, self.most, self.low, self.high = least, most, low, high

    def __call__(self, value: float) -> float:
        if self.most == self.least:
            return (self.low + self.high) / 2
        share = (value - self.least) / (self.most - self.least)
        return self.low + share * (self.high - self.low)
