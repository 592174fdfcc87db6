"""kata explain"""

import click

from grader import catalogue, history, questions
from grader.cli import options
from grader.questions import Question


@click.command("explain", epilog="Example: kata explain adam, or: kata explain --search epsilon")
@options.slug
@click.option(
    "--all", "everything", is_flag=True, help="Every question, also after a failed check."
)
@click.option("--search", metavar="TEXT", help="The questions of all katas that contain TEXT.")
def command(slug: str | None, everything: bool, search: str | None) -> None:
    """Answer the interview questions of a kata: first those that your last check failed."""
    from grader.render import terminal

    if search:
        found = [one for one in _every_question(slug) if _matches(one, search)]
        if not found:
            raise click.UsageError(f"No question contains {search!r}.\nTry fewer or other words.")
        terminal.show_questions(found, f"{len(found)} questions contain “{search}”")
        return
    kata = options.kata_of(slug)
    known = questions.load(kata.folder)
    check = history.last_check(kata.slug)
    asked = check.verdict.questions if check and not check.verdict.passed else []
    first = [one for name in asked for one in known if one.id == name]
    if first and not everything:
        rest = len(known) - len(first)
        terminal.show_questions(first, f"What your last check of {kata.slug} asks")
        if rest:
            click.echo(f"{rest} more: kata explain {kata.slug} --all")
        return
    terminal.show_questions(first + [one for one in known if one not in first], kata.title)


def _every_question(slug: str | None) -> list[Question]:
    katas = [catalogue.find(slug)] if slug else catalogue.every()
    return [one for kata in katas for one in questions.load(kata.folder)]


def _matches(question: Question, search: str) -> bool:
    text = " ".join((question.id, question.text, question.answer, *question.points)).lower()
    return all(word in text for word in search.lower().split())
