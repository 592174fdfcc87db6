"""What a failed attempt looks like, and the interview question that belongs to it."""

from textual.content import Content
from textual.widgets import Static

from grader.questions import Question
from grader.verdict import Case, Verdict


class Diagnosis(Static):
    """The mistake by name, or the question that the case in sight asks."""

    def __init__(self, questions: list[Question]) -> None:
        super().__init__(markup=False)
        self.questions = {question.id: question for question in questions}

    def show(self, verdict: Verdict, case: Case | None) -> None:
        lines = [] if verdict.passed else _mistakes(verdict)
        if question := self.question(verdict, case):
            text = " ".join(question.text.split())
            lines.append(Content.assemble(("Q  ", "bold $primary"), text))
        self.update(Content("\n").join(lines))

    def question(self, verdict: Verdict, case: Case | None) -> Question | None:
        """That of the mistake; without one, that of the case; of a pass, the kata's first."""
        ids = [name for mistake in verdict.diagnosis for name in mistake.questions]
        ids += case.asks if case else ()
        ids += [*verdict.questions, *self.questions]
        return next((self.questions[name] for name in ids if name in self.questions), None)


def _mistakes(verdict: Verdict) -> list[Content]:
    if not verdict.diagnosis:
        return [Content.styled("No known mistake gives these numbers.", "$text-muted")]
    return [
        Content.assemble(
            ("This looks like: ", "bold $warning"),
            (mistake.title[0].lower() + mistake.title[1:], "bold"),
            ".",
        )
        for mistake in verdict.diagnosis
    ]
