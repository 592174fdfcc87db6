"""What a failed attempt looks like, and the interview question that belongs to it."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from grader.questions import Question
from grader.verdict import Case, Verdict


class Diagnosis(VerticalScroll):
    """The mistake by name, and its question; without one, the question of the case in sight."""

    DEFAULT_CSS = """
    Diagnosis {
        & Static { width: 1fr; height: auto; }
        & Horizontal { height: auto; }
        & #q { width: 3; color: $primary; text-style: bold; }
    }
    """

    def __init__(self, questions: list[Question]) -> None:
        super().__init__(can_focus=False)
        self.questions = {question.id: question for question in questions}

    def compose(self) -> ComposeResult:
        yield Static(id="mistakes", markup=False)
        with Horizontal():
            yield Static("Q", id="q")
            yield Static(id="question", markup=False)

    def show(self, verdict: Verdict, case: Case | None) -> None:
        mistakes = self.query_one("#mistakes", Static)
        mistakes.display = not verdict.passed
        mistakes.update(_mistakes(verdict))
        question = self.question(verdict, case)
        self.query_one(Horizontal).display = question is not None
        if question:
            self.query_one("#question", Static).update(" ".join(question.text.split()))

    def question(self, verdict: Verdict, case: Case | None) -> Question | None:
        """That of the mistake; without one, that of the case; of a pass, the kata's first."""
        ids = [name for mistake in verdict.diagnosis for name in mistake.questions]
        ids += case.asks if case else ()
        ids += [*verdict.questions, *self.questions]
        return next((self.questions[name] for name in ids if name in self.questions), None)


def _mistakes(verdict: Verdict) -> Content:
    if not verdict.diagnosis:
        return Content.styled(verdict.why_unnamed, "dim")
    return Content("\n").join(
        Content.assemble(
            ("This looks like: ", "bold $warning"),
            (mistake.title[0].lower() + mistake.title[1:], "bold"),
            ".",
        )
        for mistake in verdict.diagnosis
    )
