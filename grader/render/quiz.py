"""A flash card on the terminal: the question, then our answer."""

from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from grader.questions import Question
from grader.render.terminal import console


def show_question(question: Question, number: int, total: int, standing: str) -> None:
    out = console()
    out.print(Text(f"\n{number} of {total} · {question.kata} · {standing}", style="dim"))
    out.print(Text.assemble(("Q  ", "bold cyan"), (" ".join(question.text.split()), "bold")))


def show_answer(question: Question) -> None:
    out = console()
    out.print(Padding(Markdown(question.answer), (1, 0, 0, 3)))
    out.print(Padding(Markdown(f"*They ask next:* {question.follow_up}"), (1, 0, 1, 3)))
