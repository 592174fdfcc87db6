"""The learner's record as one HTML page that needs nothing else: the geometry of its pictures."""

from dataclasses import dataclass

from grader import templating
from grader.render.stats import count, minutes
from grader.stats import Stats

CELL, GAP = 12, 3
LINE_WIDTH, LINE_HEIGHT = 400, 60


@dataclass(frozen=True, slots=True)
class Square:
    """One day of the calendar; shade 0 (nothing) to 4."""

    x: int
    y: int
    shade: int
    checks: int


def page(stats: Stats, day: str) -> str:
    return templating.render(
        "stats.html.jinja",
        stats=stats,
        day=day,
        squares=_squares(stats.per_day),
        calendar_width=-(-len(stats.per_day) // 7) * (CELL + GAP),
        calendar_height=7 * (CELL + GAP),
        cell=CELL,
        points=_points(stats.recent_seconds),
        line_width=LINE_WIDTH,
        line_height=LINE_HEIGHT,
        most=max((mistake.times for mistake in stats.mistakes), default=1),
        minutes=minutes,
        count=count,
    )


def _squares(per_day: tuple[int, ...]) -> list[Square]:
    top = max(per_day, default=0)
    return [
        Square(
            x=(number // 7) * (CELL + GAP),
            y=(number % 7) * (CELL + GAP),
            shade=0 if not checks else 1 + round(3 * checks / top),
            checks=checks,
        )
        for number, checks in enumerate(per_day)
    ]


def _points(seconds: tuple[float, ...]) -> str:
    """A line through the times, oldest at the left; empty when there is no line to draw."""
    if len(seconds) < 2:
        return ""
    top = max(seconds) or 1.0
    step = LINE_WIDTH / (len(seconds) - 1)
    return " ".join(
        f"{number * step:.1f},{LINE_HEIGHT - 2 - (LINE_HEIGHT - 4) * value / top:.1f}"
        for number, value in enumerate(seconds)
    )
