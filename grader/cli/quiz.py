"""kata quiz"""

import json
import sys
import time

import click

from grader import cards, quiz
from grader.cli import options
from grader.cli.main import INTERRUPTED, PASSED
from grader.history import reviews
from grader.quiz import Flashcard


@click.command("quiz", epilog="Example: kata quiz --topic attention -n 5")
@options.topic
@click.option("-n", "number", type=click.IntRange(1), default=10, help="How many, 10 by default.")
def command(topic: str | None, number: int) -> int:
    """Interview questions as flash cards: answer, compare, rate yourself; what is due comes first.

    Each rating is kept as soon as it is given: Ctrl-C loses nothing.
    """
    deck = quiz.deck(time.time(), options.check_topic(topic), number)
    if not deck:
        _nothing(topic)
        return PASSED
    rated, code = 0, PASSED
    try:
        for position, card in enumerate(deck, 1):
            _ask(card, position, len(deck))
            rated += 1
    except EOFError:
        click.echo()
    except KeyboardInterrupt:
        click.echo()
        code = INTERRUPTED
    click.echo(f"\n{rated} of {len(deck)} rated and kept. Another round: kata quiz")
    return code


def _nothing(topic: str | None) -> None:
    due = quiz.next_due(topic)
    when = "" if due is None else f" The next one comes back {_in_days(due)}."
    click.echo(f"No question is due.{when}\nRead them all: kata explain SLUG --all")


def _ask(card: Flashcard, position: int, total: int) -> None:
    from grader.render import quiz as render

    question = card.question
    render.show_question(question, position, total, "new" if card.due is None else "due")
    typed = _read("Your answer, or Enter to see ours: ")
    render.show_answer(question)
    click.echo("Did you name it?")
    ticked = [_yes(f"  - {point} [y/n] ") for point in question.points]
    rating = _rating(quiz.suggestion(ticked))
    detail = json.dumps({"typed": typed, "points": ticked})
    cards.rate_question(question.kata, question.id, rating, time.time(), detail)
    due = reviews.due("question")[question.kata, question.id]
    click.echo(f"It comes back {_in_days(due)}.")


def _read(prompt: str) -> str:
    answer = input(prompt).strip()
    if not sys.stdin.isatty():
        click.echo(answer)  # a pipe shows nothing of what it brings
    return answer


def _yes(prompt: str) -> bool:
    while True:
        answer = _read(prompt).lower()
        if answer in ("y", "yes", "n", "no", ""):
            return answer.startswith("y")
        click.echo("    y or n, please")


def _rating(suggested: cards.Rating) -> cards.Rating:
    words = ", ".join(f"{rating.value} {rating.name.lower()}" for rating in cards.Rating)
    while True:
        answer = _read(f"Rate yourself: {words} [{suggested.value}] ")
        if not answer:
            return suggested
        if answer in ("1", "2", "3", "4"):
            return cards.Rating(int(answer))
        click.echo("  1, 2, 3 or 4, please")


def _in_days(due: float) -> str:
    days = round((due - time.time()) / 86400)
    return "today" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
