"""Everything that a report shows, gathered as one value: of an interview, or of a single check."""

from dataclasses import asdict, dataclass
from typing import Any

from grader import catalogue, questions
from grader.catalogue import Kata
from grader.errors import GraderError
from grader.interview import rubric, timeline
from grader.interview.interview import Asked, Ending, Interview, Part
from grader.interview.rubric import Mark
from grader.interview.timeline import Green, Step
from grader.questions import Question
from grader.verdict import Case, Verdict, verdict_from_json

SCHEMA = 1
ENDINGS = {
    Ending.TIME: "The time was up; the attempts were handed in as they stood.",
    Ending.FINISHED: "You ended it before the time was up.",
    Ending.ABANDONED: "You abandoned it.",
}


@dataclass(frozen=True, slots=True)
class KataReport:
    """One kata as a report shows it."""

    kata: str
    title: str
    flavour: str
    verdict: Verdict | None
    attempt: str
    solution: str
    asked: tuple[Question, ...]  # what explains the failures
    missing: str = ""  # why there is no verdict
    spent: float = 0.0
    share: float = 0.0
    hints: int = 0
    steps: tuple[Step, ...] = ()
    greens: tuple[Green, ...] = ()

    @property
    def passed(self) -> bool:
        return self.verdict is not None and self.verdict.passed

    def alike(self) -> list[Case]:
        """Failed cases that returned nothing to show, with the words of one before them."""
        heard: set[str] = set()
        found = []
        for case in self.verdict.cases if self.verdict else ():
            if not case.passed and not case.details.get("got"):
                found += [case] if case.message in heard else []
                heard.add(case.message)
        return found


@dataclass(frozen=True, slots=True)
class Advice:
    """What to practise, why, and what to type."""

    why: str
    command: str


@dataclass(frozen=True, slots=True)
class Debrief:
    number: int
    begun: float
    seconds: float
    used: float
    seed: int
    level: str
    topics: tuple[str, ...]
    ending: str
    conditions: str
    notes: tuple[str, ...]
    total: int
    words: str
    marks: tuple[Mark, ...]
    katas: tuple[KataReport, ...]
    asked: tuple[Asked, ...]
    practise: tuple[Advice, ...]

    def to_json(self) -> dict[str, Any]:
        record = asdict(self) | {"schema": SCHEMA}
        for kata, report in zip(record["katas"], self.katas, strict=True):
            kata["verdict"] = report.verdict.to_json() if report.verdict else None
        for asked, one in zip(record["asked"], self.asked, strict=True):
            asked["suggested"] = list(rubric.suggest(one))
        return record


def of_interview(interview: Interview) -> Debrief:
    marks = rubric.score(interview)
    katas = tuple(_of_part(interview, part) for part in interview.parts)
    return Debrief(
        number=interview.number,
        begun=interview.begun,
        seconds=interview.seconds,
        used=(interview.ended or interview.deadline) - interview.begun,
        seed=interview.seed,
        level=interview.level,
        topics=interview.topics,
        ending=ENDINGS[Ending(interview.ending)],
        conditions=_conditions(interview),
        notes=interview.notes,
        total=rubric.total(marks),
        words=rubric.in_words(rubric.total(marks)),
        marks=marks,
        katas=katas,
        asked=interview.asked,
        practise=_practise(interview, katas),
    )


def of_check(kata: Kata, verdict: Verdict, attempt: str) -> KataReport:
    """Our solution is in it once the attempt passes: before that, `kata reveal` notes who looks."""
    solution = kata.solution(verdict.flavour).read_text("utf-8") if verdict.passed else ""
    return KataReport(
        kata=kata.slug,
        title=kata.title,
        flavour=verdict.flavour,
        verdict=verdict,
        attempt=attempt,
        solution=solution,
        asked=_explaining(kata, verdict),
    )


def _explaining(kata: Kata, verdict: Verdict) -> tuple[Question, ...]:
    known = {question.id: question for question in questions.load(kata.folder)}
    return tuple(known[name] for name in verdict.questions if name in known)


def _of_part(interview: Interview, part: Part) -> KataReport:
    verdict = verdict_from_json(part.verdict) if part.verdict else None
    try:
        kata = catalogue.find(part.kata)
        solution = kata.solution(part.flavour).read_text("utf-8")
        asked = _explaining(kata, verdict) if verdict else ()
    except (GraderError, OSError):
        solution, asked = "", ()
    return KataReport(
        kata=part.kata,
        title=part.title,
        flavour=part.flavour,
        verdict=verdict,
        attempt=part.text or "",
        solution=solution,
        asked=asked,
        missing=_missing(part),
        spent=part.spent,
        share=part.seconds,
        hints=part.hints,
        steps=timeline.steps(interview, part, verdict),
        greens=timeline.greens(interview, part, verdict),
    )


def _missing(part: Part) -> str:
    if part.verdict:
        return ""
    if part.text is None:
        return "You did not open this kata."
    return "It could not be graded."


def _conditions(interview: Interview) -> str:
    given = [
        word
        for word, on in (("hints", interview.hints), ("names of mistakes", interview.mistakes))
        if on
    ]
    if not given:
        return "Interview conditions: no hints, no names of mistakes, no messages of cases."
    return f"Not under interview conditions: {' and '.join(given)} were switched on."


def _practise(interview: Interview, katas: tuple[KataReport, ...]) -> tuple[Advice, ...]:
    advice = [_of_kata(kata) for kata in katas if not kata.passed]
    for kata in katas:
        if kata.passed and kata.spent > kata.share:
            why = f"{kata.kata} passes, but it took longer than its share: again, against the clock"
            advice.append(Advice(why, f"kata new {kata.kata} --again"))
    weak = [one for one in interview.asked if 2 * len(rubric.points_of(one)) < len(one.points)]
    for kata_name in dict.fromkeys(one.kata for one in weak):
        count = sum(one.kata == kata_name for one in weak)
        answers = "an answer" if count == 1 else f"{count} answers"
        why = f"{kata_name}: {answers} lacked half of the key points"
        advice.append(Advice(why, f"kata explain {kata_name} --all"))
    if not advice:
        advice.append(Advice("All of it held: try harder katas", "kata mock --level hard"))
    return tuple(advice)


def _of_kata(kata: KataReport) -> Advice:
    command = f"kata new {kata.kata} --again"
    if kata.verdict is None:
        return Advice(f"{kata.kata}: {kata.missing[0].lower()}{kata.missing[1:-1]}", command)
    if kata.verdict.diagnosis:
        return Advice(f"{kata.kata}: {kata.verdict.diagnosis[0].title}", command)
    if kata.verdict.error:
        return Advice(f"{kata.kata}: it could not be loaded", command)
    failed = sum(not case.passed for case in kata.verdict.cases)
    return Advice(f"{kata.kata}: {failed} of {len(kata.verdict.cases)} cases failed", command)
