"""The report of `kata author mutate`."""

import sys

from rich.text import Text

from grader.authoring.mutate import Survey
from grader.render.terminal import console


def progress(done: int, total: int) -> None:
    """A count on one line, for those who watch."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" if done == total else f"\r{done} of {total} mutants")
        sys.stderr.flush()


def show(survey: Survey, *, verbose: bool) -> None:
    out = console()
    named = "[green]sharp[/]" if survey.holds else "[bold red]NOT SHARP[/]"
    out.print(f"[bold]{survey.kata.slug:<20}[/] {named}  {_counts(survey)}", soft_wrap=True)
    for mutant in survey.survivors:
        out.print(Text(f"  line {mutant.line} survives  {mutant.id}"), soft_wrap=True)
    for problem in survey.problems:
        out.print(Text(f"  - {problem}"), soft_wrap=True)
    if verbose:
        _every_mutant(survey)


def _counts(survey: Survey) -> str:
    return (
        f"{len(survey.tried)} mutants: {len(survey.catcher)} caught, "
        f"{len(survey.equivalent)} equivalent, {len(survey.survivors)} survive; "
        f"{100 * survey.share:.1f} %"
    )


def _every_mutant(survey: Survey) -> None:
    out = console()
    for mutant in survey.tried:
        if mutant.id in survey.catcher:
            fate = f"caught by {survey.catcher[mutant.id]}"
        elif mutant.id in survey.equivalent:
            fate = f"equivalent: {survey.equivalent[mutant.id]}"
        else:
            fate = "survives"
        out.print(Text(f"  line {mutant.line}  {mutant.id}\n    {fate}"), soft_wrap=True)
