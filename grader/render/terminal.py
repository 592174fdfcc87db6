"""Verdicts, questions and texts on a terminal of 80 columns, with colour only where it is wanted."""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from grader import questions
from grader.catalogue import Kata
from grader.questions import Question
from grader.verdict import Case, Conclusion, Level, Outcome, Verdict

if TYPE_CHECKING:
    from rich.markdown import Markdown

WIDEST = 100
SHOWN_IN_FULL = 3
LABELS = {
    Outcome.PASSED: ("passed", "green"),
    Outcome.FAILED: ("FAILED", "bold red"),
    Outcome.TIMEOUT: ("TIMEOUT", "bold red"),
    Outcome.CRASHED: ("CRASHED", "bold red"),
    Outcome.REFUSED: ("REFUSED", "bold red"),
    Outcome.BROKEN: ("BROKEN", "bold magenta"),
}


def console() -> Console:
    width = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    return _Console(width=width, highlight=False, emoji=False)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would leave with code 1, which here says "not passed"


def show_verdict(
    kata: Kata, verdict: Verdict, *, everything: bool = False, again: str = ""
) -> None:
    """`again`: the command that checks the same once more."""
    out = console()
    again = again or f"kata check {kata.slug}"
    out.print(
        f"[bold]{kata.slug}[/] · {verdict.flavour} · {verdict.device} · {verdict.seconds:.2f} s\n"
    )
    if verdict.outcome is Conclusion.BROKEN:
        out.print("[bold magenta]BROKEN[/]  The grader failed, not your code. This is no verdict.")
        out.print(Text(f"  {verdict.error}"))
        return
    if verdict.error:
        out.print(f"[bold red]FAILED[/]  Your attempt {escape(verdict.error)}")
        out.print(f"\nNo case could run. Mend it, then:\n{escape(again)}", soft_wrap=True)
        return
    _levels(out, verdict)
    failed = [case for case in verdict.cases if not case.passed]
    shown = failed if everything else _worth_showing(failed)
    for case in shown:
        _case(out, case)
    if len(failed) > 1 and len({case.message for case in failed}) == 1 and not everything:
        out.print(f"[dim]The same in each of the {len(failed)} failed cases.[/]\n")
    else:
        _others(out, failed[len(shown) :], again)
    _diagnosis(out, kata, verdict)
    _conclusion(out, kata, verdict, len(failed))


def show_cases(cases: list[Case]) -> None:
    out = console()
    for case in cases:
        if case.passed:
            out.print(Text.assemble(("passed", "green"), f"  {case.claim}"))
        else:
            _case(out, case)


def _worth_showing(failed: list[Case]) -> list[Case]:
    """The first few; one alone when they all say the same, or are not written yet."""
    same = len({case.message for case in failed}) == 1 or all(case.unwritten for case in failed)
    return failed[:1] if same else failed[:SHOWN_IN_FULL]


def _levels(out: Console, verdict: Verdict) -> None:
    for level in Level:
        if level in verdict.levels:
            passed, total = verdict.levels[level]
            colour = "green" if passed == total else "red"
            bar = "█" * round(20 * passed / total)
            out.print(f"  {level.value:<8} [{colour}]{bar:<20}[/] {passed}/{total}")
    out.print()


def _case(out: Console, case: Case) -> None:
    label, style = LABELS[case.outcome]
    out.print(Text.assemble((label, style), f"  {case.claim}", (f"  ({case.level})", "dim")))
    out.print(Padding(Text(_harmless(case.message)), (0, 0, 0, 4), expand=False))
    for name in ("input", "got", "want"):
        if case.details.get(name):
            _detail(out, name, _harmless(str(case.details[name])))
    if case.output.strip():
        out.print(Padding(Text("it printed", style="dim"), (0, 0, 0, 4)))
        out.print(
            Padding(
                Text("\n".join(_harmless(case.output).rstrip().splitlines()[-12:])), (0, 0, 0, 6)
            )
        )
    out.print()


def _harmless(text: str) -> str:
    """Without the control characters by which a text could steer the terminal."""
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())


def _detail(out: Console, name: str, text: str) -> None:
    """A labelled text, hanging after its label, cut where it would flood the screen."""
    for line in text.splitlines():
        room = out.width - 12
        line = line if len(line) <= 3 * room else line[: 3 * room - 2] + " …"
        for piece in textwrap.wrap(line, room, subsequent_indent="  ") or [""]:
            out.print(
                Text.assemble(f"    {name:<7}", piece), style="dim" if name == "input" else ""
            )
            name = ""


def _others(out: Console, cases: list[Case], again: str) -> None:
    for case in cases[:12]:
        label, style = LABELS[case.outcome]
        out.print(
            Text.assemble((label, style), f"  {case.claim}"), no_wrap=True, overflow="ellipsis"
        )
    if len(cases) > 12:
        out.print(f"… and {len(cases) - 12} more")
    if cases:
        out.print(f"[dim]Each in full: {escape(again)} --all[/]\n", soft_wrap=True)


def _diagnosis(out: Console, kata: Kata, verdict: Verdict) -> None:
    for mistake in verdict.diagnosis:
        title = mistake.title[0].lower() + mistake.title[1:]
        out.print(Text.assemble(("This looks like: ", "bold yellow"), (title, "bold"), "."))
    if verdict.passed:
        return
    if not verdict.diagnosis:
        out.print(f"[dim]{verdict.why_unnamed}[/]")
    known = {question.id: question for question in questions.load(kata.folder)}
    asked = [known[name] for name in verdict.questions if name in known]
    named = [name for mistake in verdict.diagnosis for name in mistake.questions]
    out.print()
    if verdict.diagnosis:
        for question in asked:
            if question.id in named:
                _question(out, question)
    else:
        for question in asked[:3]:
            out.print(Text.assemble(("Asked about it: ", "dim"), " ".join(question.text.split())))
        out.print()


def _conclusion(out: Console, kata: Kata, verdict: Verdict, failed: int) -> None:
    total = len(verdict.cases)
    if verdict.passed:
        part = " of those selected" if verdict.selected else ""
        out.print(f"[bold green]PASSED[/]  all {total} cases{part}.")
        if not verdict.selected:
            out.print(f"Now explain it: kata explain {kata.slug}")
        return
    out.print(
        f"[bold red]NOT PASSED[/]  {failed} of {total} cases failed.  "
        f"Next: kata explain {kata.slug} · kata hint {kata.slug}"
    )


def show_questions(asked: list[Question], title: str) -> None:
    out = console()
    with _pager(out):
        out.print(Text(title, style="bold"), "")
        for question in asked:
            _question(out, question)


def _question(out: Console, question: Question) -> None:
    out.print(Text.assemble(("Q  ", "bold cyan"), (" ".join(question.text.split()), "bold")))
    out.print(Padding(_markdown(question.answer), (0, 0, 0, 3), expand=False))
    out.print(Padding(_markdown(f"*They ask next:* {question.follow_up}"), (1, 0, 1, 3)))


def _markdown(text: str) -> "Markdown":
    from rich.markdown import Markdown  # as slow to import as all the rest; a pass needs none

    return Markdown(text)


def show_markdown(text: str) -> None:
    out = console()
    with _pager(out):
        out.print(_markdown(text))


def show_code(text: str) -> None:
    out = console()
    with _pager(out):
        if out.is_terminal:
            from rich.syntax import Syntax  # seldom needed, and slow to import

            out.print(Syntax(text, "python", background_color="default"))
        else:
            out.print(Text(text), soft_wrap=True)


class _pager:  # noqa: N801  (reads as a statement)
    """Pages what is longer than the screen, when there is one and somebody to turn the pages."""

    def __init__(self, out: Console) -> None:
        self.out = out
        self.on = out.is_terminal and sys.stdin.isatty()

    def __enter__(self) -> None:
        if self.on:
            self.out.begin_capture()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self.on:
            return
        text = self.out.end_capture()
        if kind is None and text.count("\n") > self.out.height - 2:
            import click

            click.echo_via_pager(text, color=True)
        else:
            sys.stdout.write(text)
