"""What the mock interview shows: the clocks, the parts with their counts, the questions to answer."""

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from grader.interview.interview import QUESTIONS, Asked, Interview, clock, tone
from grader.screens.panes import counts

STYLES = {"calm": "", "amber": "bold $warning", "red": "bold $error"}
BAR = 24


class Clock(Static):
    """The whole time as a bar that runs out, and the time of the current part."""

    DEFAULT_CSS = "Clock { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def show(self, interview: Interview, now: float) -> None:
        self.update(clocks(interview, now))


def clocks(interview: Interview, now: float) -> Content:
    """Amber and red near the end, each clock for itself."""
    left, whole = interview.left(now), interview.seconds
    style = STYLES[tone(left, whole)]
    filled = max(0, min(BAR, round(BAR * left / whole)))
    here = interview.current
    part_left = interview.share(here) - interview.spent(here, now)
    return Content.assemble(
        (f"{clock(max(left, 0))} left ", style or "bold"),
        ("━" * filled, style or "$success"),
        ("━" * (BAR - filled), "$text-muted 40%"),
        (f"  {here} ", "$text-muted"),
        (clock(part_left), STYLES[tone(part_left, interview.share(here))]),
    )


class Parts(Static):
    """Each part with its clock, and how many cases pass per level: no names, no messages."""

    DEFAULT_CSS = "Parts { height: auto; padding: 0 1; }"

    def show(self, interview: Interview, now: float, *, terse: bool) -> None:
        lines: list[Content] = []
        for stop in interview.stops():
            lines += _stop(interview, stop, now, terse=terse)
        self.update(Content("\n").join(lines))


def _stop(interview: Interview, stop: str, now: float, *, terse: bool) -> list[Content]:
    here = stop == interview.current
    spent, share = interview.spent(stop, now), interview.share(stop)
    title = Content.assemble(
        ("› " if here else "  ", "bold"),
        (stop, "bold" if here else ""),
        "  ",
        (clock(spent), STYLES[tone(share - spent, share)]),
        (f" of {clock(share)}", "$text-muted"),
        ("  submitted" if _is_submitted(interview, stop) else "", "$success"),
    )
    state = _state(interview, stop, terse=terse)
    if terse:
        return [Content.assemble(title, "  ", state)]
    return [title, Content.assemble("    ", state), Content("")]


def _is_submitted(interview: Interview, stop: str) -> bool:
    return stop != QUESTIONS and interview.part(stop).submitted


def _state(interview: Interview, stop: str, *, terse: bool) -> Content:
    if stop == QUESTIONS:
        return _answered(interview.asked)
    part = interview.part(stop)
    if not part.path:
        return Content.styled("not opened", "$text-muted")
    if not part.checks:
        return Content.styled("not checked", "$text-muted")
    levels = part.checks[-1].levels
    shown = Content("  ").join(_count(*count) for count in levels.values())
    return shown if terse else counts(levels)


def _count(passed: int, total: int) -> Content:
    return Content.styled(f"{passed}/{total}", "$success" if passed == total else "")


def _answered(asked: tuple[Asked, ...]) -> Content:
    done = sum(bool(one.reply.strip()) for one in asked)
    return Content.styled(f"{done} of {len(asked)} answered", "$text-muted")


class Questions(VerticalScroll):
    """The questions, each with a field to answer it in."""

    DEFAULT_CSS = """
    Questions {
        padding: 0 1;
        & > Static { margin: 1 0 0 0; }
        & > TextArea { height: 5; border: round $secondary; &:focus { border: round $primary; } }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, TextArea] = {}

    def show(self, asked: tuple[Asked, ...]) -> None:
        """Add what is new; what is being typed stays."""
        fresh = [one for one in asked if one.id not in self.shown]
        for one in fresh:
            self.shown[one.id] = TextArea(one.reply, tab_behavior="focus", show_line_numbers=False)
        self.mount(*self._widgets(fresh))

    def _widgets(self, asked: Iterable[Asked]) -> Iterable[Static | TextArea]:
        for one in asked:
            kind = f"They ask next, after {one.kata}:  " if one.follow_up else ""
            yield Static(Content.assemble((kind, "$text-muted"), (one.text, "bold")))
            yield self.shown[one.id]

    def replies(self) -> dict[str, str]:
        return {name: area.text for name, area in self.shown.items()}

    def begin(self) -> None:
        """The cursor in the first field that is empty."""
        empty = [area for area in self.shown.values() if not area.text.strip()]
        for area in (empty or list(self.shown.values()))[:1]:
            area.focus()
