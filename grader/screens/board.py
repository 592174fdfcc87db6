"""Everything about one attempt at a glance: where it stands, the brief, the cases, the first failure."""

import time
from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static

from grader import questions
from grader.catalogue import Kata
from grader.screens.diagnosis import Diagnosis
from grader.screens.panes import Cases, Failure
from grader.verdict import Case, Conclusion, Verdict, case_from_json


class Board(Vertical):
    """Shows a verdict, a problem, or a check that takes its time.  Knows no threads and no keys."""

    SCOPED_CSS = False  # the breakpoints are classes of the screen
    DEFAULT_CSS = """
    Board {
        & > #status { height: 1; padding: 0 1; }
        & #where { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & #state { width: 36; text-align: right; }
        & > #panes { layout: grid; grid-size: 2 2; grid-rows: 2fr 3fr; grid-gutter: 0 1; }
        & #brief, & Cases, & Failure, & Diagnosis { padding: 0 1; border-top: solid ansi_bright_black; }
        & #brief:focus, & Cases:focus, & Failure:focus { border-top: solid $primary; }
        & #brief, & Cases, & Failure { scrollbar-size-vertical: 1; }
        & #low { column-span: 2; }
        & Failure { height: 1fr; }
        & Diagnosis { height: auto; max-height: 50%; }
    }
    .-wide Board {
        & > #panes { grid-rows: 1fr 1fr; }
        & #brief { row-span: 2; }
        & #low { column-span: 1; }
    }
    .-short Board {
        & #brief { display: none; }
        & Cases { column-span: 2; }
    }
    """

    def __init__(self, kata: Kata, flavour: str) -> None:
        super().__init__()
        self.kata = kata
        self.flavour = flavour
        self.verdict: Verdict | None = None
        self.failed: list[Case] = []  # of the verdict, or so far in a check that takes its time
        self.fresh: list[Case] = []  # what the running check has reported
        self.looking_at = ""

    def compose(self) -> ComposeResult:
        with Horizontal(id="status"):
            yield Static(id="where", markup=False)
            yield Static("checking", id="state", markup=False)
        with Container(id="panes"):
            with VerticalScroll(id="brief"):
                yield Markdown(self.kata.brief(), open_links=False)
            yield Cases()
            with Vertical(id="low"):
                yield Failure()
                yield Diagnosis(questions.load(self.kata.folder))

    def on_mount(self) -> None:
        self.query_one("#brief").border_title = " brief "
        self.query_one(Diagnosis).display = False

    def begin(self) -> None:
        """A check starts.  What is in sight stays there until it has something to say."""
        self.fresh = []
        self.query_one(Cases).begin()

    def take(self, news: dict[str, Any]) -> None:
        """News of a check; failures are shown at once, what they look like comes with the verdict."""
        cases = self.query_one(Cases)
        cases.take(news)
        if news["event"] == "planned":  # again, when the warm process was lost in the middle
            self.fresh = []
        elif news["event"] == "case":
            self.fresh.append(case_from_json(news["case"]))
            failed = sum(not case.passed for case in self.fresh)
            if failed and len(self.fresh) == len(cases.rows):
                self.say_state(f"{failed} of {len(cases.rows)} failed", "looking closer …")
                self.show_cases(self.fresh)

    def say_progress(self, seconds: float) -> None:
        total = len(self.query_one(Cases).rows)
        if len(self.fresh) < total or not self.fresh:
            self.say_state(f"checking, {len(self.fresh)} of {total}", f"{seconds:.0f} s")

    def show_progress(self) -> None:
        """Of a check that takes its time: an old verdict is put away, what has failed is shown."""
        self.verdict = None
        self.query_one(Diagnosis).display = False
        self.query_one(Cases).open()
        self.show_cases(self.fresh)
        if not self.failed:
            self.say("Checking …")

    def show_verdict(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.say_where(verdict.device)
        self.query_one(Cases).show(verdict.cases)
        self.show_cases(verdict.cases)
        total, failed = len(verdict.cases), len(self.failed)
        clock = (f"{verdict.seconds:.2f} s", time.strftime("%H:%M:%S"))
        if verdict.outcome is Conclusion.BROKEN:
            self.say_state("broken", *clock, style="bold $warning")
            self.say("The grader failed, not your code. This is no verdict.", verdict.error)
        elif verdict.passed:
            self.say_state("passed", *clock, style="bold $success")
            self.say(Content.styled(f"All {total} cases passed.", "bold $success"), "Explain it: e")
        elif verdict.error:
            self.say_state("failed", *clock, style="bold $error")
            self.say("No case could run.", f"Your attempt {verdict.error}")
        else:
            self.say_state(f"{failed} of {total} failed", *clock, style="bold $error")
        self.show_diagnosis()

    def show_problem(self, text: str) -> None:
        """In place of a verdict: the file cannot be checked as it stands."""
        self.verdict = None
        self.failed = []
        self.query_one(Cases).begin()
        self.query_one(Cases).open()
        self.query_one(Diagnosis).display = False
        self.say_state("not checked", time.strftime("%H:%M:%S"), style="bold $error")
        title, _, rest = text.partition("\n")
        self.say(title, rest)

    def show_cases(self, cases: Sequence[Case]) -> None:
        """The failed case in sight stays in sight as long as it fails."""
        self.failed = [case for case in cases if not case.passed]
        if self.looking_at not in [case.name for case in self.failed]:
            self.looking_at = self.failed[0].name if self.failed else ""
        self.look()

    def next_failure(self) -> None:
        names = [case.name for case in self.failed]
        if names:
            self.looking_at = names[(names.index(self.looking_at) + 1) % len(names)]
            self.look()
            self.show_diagnosis()

    def look(self) -> None:
        for number, case in enumerate(self.failed, 1):
            if case.name == self.looking_at:
                self.query_one(Failure).show(case)
                place = f"{number} of {len(self.failed)}, {case.level}"
                self.query_one(Failure).border_title = f" {case.outcome}, {place} "
        self.query_one(Cases).select(self.looking_at)

    def show_diagnosis(self) -> None:
        """Under a verdict whose cases ran."""
        pane = self.query_one(Diagnosis)
        pane.display = self.verdict is not None and not self.verdict.error
        if self.verdict is not None:
            current = [case for case in self.failed if case.name == self.looking_at]
            pane.show(self.verdict, current[0] if current else None)

    def say(self, title: Content | str, body: Content | str = "") -> None:
        self.query_one(Failure).border_title = ""
        self.query_one(Failure).say(title, body)

    def say_where(self, device: str) -> None:
        where = Content.assemble((self.kata.slug, "bold"), f" · {self.flavour} · {device}")
        self.query_one("#where", Static).update(where, layout=False)

    def say_state(self, word: str, *rest: str, style: str = "") -> None:
        tail = "".join(f" · {part}" for part in rest)
        self.query_one("#state", Static).update(Content.assemble((word, style), tail), layout=False)
