"""The debrief of an interview on the terminal."""

import time

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.interview.debrief import Debrief, KataReport
from grader.interview.interview import Asked, clock
from grader.interview.rubric import points_of
from grader.render.terminal import console
from grader.verdict import Case

BAR = 24


def show(debrief: Debrief) -> None:
    out = console()
    day = time.strftime("%d %B %Y, %H:%M", time.localtime(debrief.begun))
    out.print(Text.assemble((f"Interview {debrief.number}", "bold"), f"  {day}"))
    out.print(
        f"{clock(debrief.used)} of {clock(debrief.seconds)} minutes · seed {debrief.seed}\n"
        f"{debrief.ending}\n{debrief.conditions}"
    )
    for note in debrief.notes:
        out.print(Text(note, style="yellow"))
    _score(out, debrief)
    for kata in debrief.katas:
        _kata(out, kata)
    _asked(out, debrief.asked)
    _practise(out, debrief)


def _score(out: Console, debrief: Debrief) -> None:
    out.print(f"\n[bold]{debrief.total} of 100[/], {debrief.words}\n")
    for mark in debrief.marks:
        bar = "█" * round(12 * mark.share)
        points = f"{mark.points:>5.1f} of {mark.weight:<3}" if mark.weight else " " * 12
        out.print(Text(f"  {mark.name:<10}{points} {bar:<12} {mark.reason}"))


def _kata(out: Console, kata: KataReport) -> None:
    out.print(Text.assemble("\n", (kata.title, "bold"), f"  {kata.kata}"))
    out.print(f"  {clock(kata.spent)} of its {clock(kata.share)} minutes{_hints(kata)}")
    verdict = kata.verdict
    if verdict is None:
        out.print(f"  {kata.missing}")
        return
    if verdict.error:
        out.print(Text(f"  Your attempt {verdict.error}", style="red"))
    _timeline(out, kata)
    alike = kata.alike()
    for case in verdict.cases:
        if not case.passed and case not in alike:
            _case(out, case)
    for case in alike:
        out.print(
            Text.assemble("  ", (_word(case), "bold red"), f"  {case.claim} (the same words)")
        )
    for mistake in verdict.diagnosis:
        out.print(Text.assemble("\n  ", ("This looks like: ", "bold yellow"), f"{mistake.title}."))
    for question in kata.asked[:3]:
        out.print(Text.assemble("  Asked about it: ", " ".join(question.text.split())))


def _case(out: Console, case: Case) -> None:
    out.print(Text.assemble("\n  ", (_word(case), "bold red"), f"  {case.claim} ({case.level})"))
    out.print(Padding(Text(case.message), (0, 0, 0, 4)))
    for name in ("input", "got", "want"):
        if text := str(case.details.get(name, "")):
            _detail(out, name, text)


def _word(case: Case) -> str:
    return case.outcome.upper()


def _hints(kata: KataReport) -> str:
    return f", {kata.hints} hints" if kata.hints else ""


def _timeline(out: Console, kata: KataReport) -> None:
    for step in kata.steps:
        filled = round(BAR * step.passed / max(step.total, 1))
        bar = Text.assemble(("█" * filled, "green"), ("░" * (BAR - filled), "dim"))
        out.print(
            Text.assemble(f"  {clock(step.at):>6}  ", bar, f"  {step.passed} of {step.total}")
        )
    last = [green for green in kata.greens if green.at is not None][-1:]
    never = sum(green.at is None for green in kata.greens)
    if last and never:
        out.print(f"  {never} cases never went green")


def _detail(out: Console, name: str, text: str) -> None:
    room = out.width - 14
    for line in text.splitlines()[:8]:
        line = line if len(line) <= 2 * room else line[: 2 * room - 2] + " …"
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=6)
        grid.add_column(overflow="fold")
        grid.add_row(Text(name, style="dim"), Text(line))
        out.print(Padding(grid, (0, 0, 0, 4)))
        name = ""


def _asked(out: Console, asked: tuple[Asked, ...]) -> None:
    if asked:
        out.print("\n[bold]Questions[/]")
    for one in asked:
        made = points_of(one)
        doubt = " (suggested by your words)" if one.reply.strip() and one.ticked is None else ""
        out.print(Text.assemble("\n  ", (one.text, "bold")))
        said = one.reply.strip() or "No answer."
        out.print(Padding(Text(said, style="" if one.reply.strip() else "dim"), (0, 0, 0, 2)))
        for number, point in enumerate(one.points):
            out.print(Padding(Text(f"[{'x' if number in made else ' '}] {point}"), (0, 0, 0, 4)))
        out.print(f"    {len(made)} of {len(one.points)} key points{doubt}")


def _practise(out: Console, debrief: Debrief) -> None:
    out.print("\n[bold]What to practise next[/]")
    for advice in debrief.practise:
        out.print(Text.assemble(f"  {advice.why}\n    ", (advice.command, "cyan")))
    out.print(
        f"\nKeep it as a page: kata report {debrief.number} --html interview-{debrief.number}.html"
    )
    if any(one.ticked is None and one.reply.strip() for one in debrief.asked):
        out.print(f"Tick your key points: kata report {debrief.number} --tick")
