"""What full-screen views are made of: the cases by level, one failure in detail, what it looks like."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from grader.verdict import Case, Level, Outcome

MARKS: dict[Outcome | None, tuple[str, str]] = {
    None: ("·", "dim"),
    Outcome.PASSED: ("✓", "$success"),
    Outcome.BROKEN: ("✗", "$warning"),
}
FAILED = ("✗", "$error")
PRINTED_LINES = 12
DRAW_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One case as the screen knows it: promised first, reported later."""

    name: str
    claim: str
    level: str
    outcome: Outcome | None = None


class Cases(VerticalScroll):
    """The cases by level, each lit up as it reports.

    Feed it the news of a check with `take`, or a whole verdict's cases with `show`.
    """

    DEFAULT_CSS = """
    Cases {
        & > Static { text-wrap: nowrap; text-overflow: ellipsis; width: 1fr; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Row] = {}
        self.reported: set[str] = set()  # since the cases were promised
        self.selected = ""
        self.drawn: list[Content] = []
        self.timer: Timer | None = None
        self.lines: dict[str, int] = {}
        self.text = Static(markup=False)

    def compose(self) -> Iterable[Static]:
        yield self.text

    def take(self, news: dict[str, Any]) -> None:
        """News of a running check: the promised cases, then each as it reports."""
        if news["event"] == "planned":
            self.plan(news)
        elif news["event"] == "case" and news["name"] in self.rows:
            row = self.rows[news["name"]]
            self.rows[row.name] = replace(row, outcome=Outcome(news["outcome"]))
            self.reported.add(row.name)
            self.draw_soon()

    def begin(self) -> None:
        """A check starts: the marks of the last one stay until each case reports again, or `open`."""
        self.reported = set()

    def plan(self, news: dict[str, Any]) -> None:
        self.begin()
        if list(self.rows) != news["cases"]:
            promised = zip(news["cases"], news["claims"], news["levels"], strict=True)
            self.rows = {name: Row(name, claim, level) for name, claim, level in promised}
            self.draw()

    def open(self) -> None:
        """Take the marks away that are not of the running check."""
        old = [row for row in self.rows.values() if row.outcome and row.name not in self.reported]
        if old:
            self.rows |= {row.name: replace(row, outcome=None) for row in old}
            self.draw()

    def show(self, cases: Sequence[Case], selected: str = "") -> None:
        """A verdict's cases; the selected one is brought into view."""
        self.rows = {
            case.name: Row(case.name, case.claim, case.level, case.outcome) for case in cases
        }
        self.select(selected)

    def select(self, name: str) -> None:
        self.selected = name
        self.draw()
        if name in self.lines:
            self.call_after_refresh(self.reveal, self.lines[name])

    def reveal(self, line: int) -> None:
        """Scroll as little as shows the line, with one of its neighbours."""
        top, height = int(self.scroll_y), self.scrollable_content_region.height
        if line - 1 < top:
            self.scroll_to(y=max(line - 1, 0), animate=False)
        elif line + 1 >= top + height:
            self.scroll_to(y=line + 2 - height, animate=False)

    def levels(self) -> dict[str, tuple[int, int]]:
        """Passed and all cases of each level that has any, as far as they have reported."""
        found = {}
        for level in Level:
            rows = [row for row in self.rows.values() if row.level == level]
            if rows:
                found[level.value] = (
                    sum(row.outcome is Outcome.PASSED for row in rows),
                    len(rows),
                )
        return found

    def draw_soon(self) -> None:
        """Many cases report within a few milliseconds: one drawing does for all of them."""
        if self.timer is None:
            self.timer = self.set_timer(DRAW_SECONDS, self.draw)

    def draw(self) -> None:
        if self.timer is not None:
            self.timer.stop()
            self.timer = None
        self.border_title = Content.assemble(" ", counts(self.levels()), " ")
        lines = self.draw_rows()
        if lines != self.drawn:
            # laying out takes longer than drawing: only for another number of lines
            self.text.update(Content("\n").join(lines), layout=len(lines) != len(self.drawn))
            self.drawn = lines

    def draw_rows(self) -> list[Content]:
        lines: list[Content] = []
        self.lines = {}
        for level in self.levels():
            lines.append(Content.styled(level, "dim"))
            for row in self.rows.values():
                if row.level == level:
                    self.lines[row.name] = len(lines)
                    lines.append(self.line(row))
        return lines

    def line(self, row: Row) -> Content:
        mark, style = mark_of(row.outcome)
        word = "" if row.outcome in (None, Outcome.PASSED, Outcome.FAILED) else f"{row.outcome}  "
        chosen = "bold" if row.name == self.selected else ""
        pointer = "›" if chosen else " "
        return Content.assemble(
            (pointer, chosen), (mark, style), " ", (word, style), (row.claim, chosen)
        )


class Failure(VerticalScroll):
    """One case that did not pass: what it claims, what is wrong, what went in and came out."""

    DEFAULT_CSS = """
    Failure {
        & > Static { width: 1fr; height: auto; }
        & > #failure-body { margin: 0 0 0 2; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.said: tuple[Content | str, Content | str] = ("", "")

    def compose(self) -> Iterable[Static]:
        yield Static(markup=False, id="failure-title")
        yield Static(markup=False, id="failure-body")

    def show(self, case: Case) -> None:
        mark, style = mark_of(case.outcome)
        self.say(Content.assemble((f"{mark} ", style), (case.claim, "bold")), detail(case))

    def say(self, title: Content | str, body: Content | str = "") -> None:
        """Any message in place of a failure: a syntax error, a pass.  The same again keeps its place."""
        if self.said == (title, body):
            return
        self.said = (title, body)
        self.query_one("#failure-title", Static).update(title)
        self.query_one("#failure-body", Static).update(body)
        self.scroll_to(y=0, animate=False)


def mark_of(outcome: Outcome | None) -> tuple[str, str]:
    return MARKS.get(outcome, FAILED)


def counts(levels: dict[str, tuple[int, int]]) -> Content:
    """`correct 6/6  robust 5/7  fast 2/2`, what is complete in green."""
    parts = []
    for level, (passed, total) in levels.items():
        style = "$success" if passed == total else ""
        parts.append(Content.assemble((f"{level} ", "dim"), (f"{passed}/{total}", style)))
    return Content("  ").join(parts)


def detail(case: Case) -> Content:
    """Message, input, got and want, aligned under each other, and the last lines printed."""
    parts = [Content(case.message)] if case.message else []
    for name in ("input", "got", "want"):
        if text := str(case.details.get(name, "")):
            parts.append(labelled(name, text, muted=name == "input"))
    if printed := case.output.rstrip().splitlines():
        parts.append(labelled("printed", "\n".join(printed[-PRINTED_LINES:])))
    return Content("\n").join(parts)


def labelled(name: str, text: str, *, muted: bool = False) -> Content:
    style = "dim" if muted else ""
    lines = text.expandtabs(4).splitlines()
    rows = [
        Content.assemble((f"{label:<9}", "dim"), (line, style))
        for label, line in zip([name, *[""] * (len(lines) - 1)], lines, strict=True)
    ]
    return Content("\n").join(rows)
