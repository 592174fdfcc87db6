"""The learner's record in lines of text: bars, sparklines, a calendar of days."""

import textwrap
from collections.abc import Iterator, Sequence

from grader.stats import Stats

TICKS = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
WIDE = 80  # columns of a terminal, from which on bars have their full length
TREND = 3  # passes, before which there is no "lately"


def lines(stats: Stats, width: int = WIDE) -> Iterator[str]:
    """Headings stand at the margin, the rest is indented."""
    length = 20 if width >= WIDE else 10
    for line in _summary(stats):
        yield from textwrap.wrap(line, width, subsequent_indent="    ")
    yield ""
    yield "Days, a week a column"
    yield from _calendar(stats)
    yield ""
    yield "By topic"
    yield f"  {'':<16}{'passed':<{length + 6}}first try   time to pass"
    for topic in stats.topics:
        share = topic.passed / topic.katas
        first = f"{topic.first_try}/{topic.passes}" if topic.passes else "-"
        yield (
            f"  {topic.topic:<16}{bar(share, length)} {topic.passed}/{topic.katas:<4}"
            f"{first:>9}   {minutes(topic.median_seconds):>12}"
        )
    yield ""
    yield "By level, at the first check of an attempt"
    for level in stats.levels:
        share = level.first or 0.0
        words = "-" if level.first is None else f"{share:.0%} of the cases"
        yield f"  {level.level:<16}{bar(share, length)} {words}"
    if stats.mistakes:
        yield ""
        yield "Mistakes, by how many attempts made them"
        most = stats.mistakes[0].times
        for mistake in stats.mistakes:
            text = f"{mistake.kata}: {mistake.title}"
            yield _cut(f"  {bar(mistake.times / most, 10)} {mistake.times:>4}  {text}", width)


def _summary(stats: Stats) -> Iterator[str]:
    yield f"{stats.passed} of {stats.katas} katas passed"
    first = f", {stats.first_try} of them at the first check" if stats.passes else ""
    yield (
        f"  {count(stats.checks, 'check')} of {count(stats.attempts, 'attempt')};"
        f" {stats.passes} passed{first}"
    )
    if stats.passes:
        recent = sparkline(stats.recent_seconds)
        lately = f"; lately {recent}" if len(recent) >= TREND else ""
        yield f"  time to pass: {minutes(stats.median_seconds)} in the middle{lately}"
    streak = count(stats.streak, "day")
    yield f"  streak: {streak} (longest {stats.longest}); {count(stats.days, 'day')} in all"
    yield f"  {count(stats.hints, 'hint')}, {count(stats.reveals, 'solution')} looked at"
    if stats.remembered is not None:
        yield f"  {count(stats.reviews, 'review')}; {stats.remembered:.0%} remembered when asked again"
    if stats.due_katas or stats.due_questions:
        due = f"{count(stats.due_katas, 'kata')}, {count(stats.due_questions, 'question')}"
        yield f"  due: {due}. See: kata next"


def bar(share: float, width: int = 20) -> str:
    """Full blocks for the share, dots for the rest."""
    full = round(width * min(max(share, 0.0), 1.0))
    return "█" * full + "·" * (width - full)


def sparkline(values: Sequence[float]) -> str:
    """A tick for each value, the largest the highest."""
    top = max(values, default=0.0)
    if top <= 0:
        return TICKS[0] * len(values)
    return "".join(TICKS[round((len(TICKS) - 1) * max(value, 0.0) / top)] for value in values)


def minutes(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _calendar(stats: Stats) -> Iterator[str]:
    top = max(stats.per_day, default=0)
    for weekday, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")):
        days = stats.per_day[weekday::7]
        cells = "".join(2 * _shade(number, top) for number in days)
        yield f"  {name} {cells}".rstrip()


def _shade(number: int, top: int) -> str:
    if not number:
        return "·"
    return SHADES[1 + round((len(SHADES) - 2) * number / top)]


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
