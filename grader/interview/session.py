"""One sitting: what the person can do, and which saves and clocks are noticed meanwhile."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from grader import catalogue, hints, history, pipeline, workspace
from grader.errors import GraderError
from grader.interview.events import Kind
from grader.interview.handin import text_of
from grader.interview.interview import QUESTIONS, Part
from grader.interview.keeper import Keeper, first_line, refusal
from grader.verdict import Conclusion, Verdict

JUMP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Checking:
    """What came of one check: a verdict, a sentence about why there is none or it is not stored."""

    kata: str
    text: str
    verdict: Verdict | None
    sentence: str = ""


@dataclass(slots=True)
class Session(Keeper):
    looked: dict[str, str] = field(default_factory=dict)  # each file at the last look
    seen: dict[str, str] = field(default_factory=dict)  # and as it was checked
    wall: float = field(default_factory=time.time)
    steady: float = field(default_factory=lambda: _steady())

    @property
    def part(self) -> Part | None:
        """The kata that is worked on; None at the questions."""
        current = self.interview.current
        return None if current == QUESTIONS else self.interview.part(current)

    def left(self) -> float:
        return self.interview.left(time.time())

    def go(self, stop: str) -> None:
        if stop != self.interview.current:
            self.happen(Kind.MOVED, to=stop)
        self.open()

    def step(self, by: int) -> None:
        stops = self.interview.stops()
        self.go(stops[(stops.index(self.interview.current) + by) % len(stops)])

    def open(self) -> None:
        """The current part's attempt as a fresh file; an old one is archived."""
        part = self.part
        if part is None or part.path:
            return
        try:
            path = workspace.new(catalogue.find(part.kata), part.flavour, again=True)
            saved = workspace.read(path)
        except GraderError as problem:
            self.note(f"{part.kata} cannot be opened: {first_line(problem)}")
            return
        self.happen(Kind.OPENED, kata=part.kata, path=str(path.absolute()), saved=saved)
        detail = f"interview {self.interview.number}"
        self.write(lambda: history.note(part.kata, "new", detail))

    def brief(self) -> str:
        """The current kata's task, and where its attempt is."""
        part = self.part
        assert part is not None
        try:
            return f"{catalogue.find(part.kata).brief()}\n\nYour attempt: `{part.path}`"
        except (GraderError, OSError):
            return f"The kata {part.kata} is no longer there. Go on with the next part."

    def saved(self) -> str:
        """A kata whose attempt was saved since it was checked; one that rests between two looks."""
        found = ""
        for part in self.interview.parts:
            text = text_of(Path(part.path)) if part.path else ""
            if text is None:
                self.note(
                    f"{part.path} is gone or not UTF-8: save it again, or its last check counts."
                )
            elif text and text == self.looked.get(part.kata) != self.seen.get(
                part.kata, part.saved
            ):
                found = part.kata
            self.looked[part.kata] = text or ""
        return found

    def check(self, kata: str, on_news: pipeline.OnNews | None = None) -> Checking:
        """Grade the file as it stands.  Changes no state: any thread may call it."""
        part = self.interview.part(kata)
        path, text = Path(part.path), text_of(Path(part.path)) or ""
        try:
            known = catalogue.find(kata)
            text = workspace.read(path)
            device = self.interview.device
            verdict = pipeline.grade(known, text, path, part.flavour, device, on_news=on_news)
        except GraderError as problem:
            return Checking(kata, text, None, str(problem))
        if verdict.outcome is Conclusion.BROKEN:
            return Checking(kata, text, None, f"The grader failed, not your code: {verdict.error}")
        return Checking(kata, text, verdict, refusal(lambda: history.record(verdict, path, text)))

    def take(self, checking: Checking) -> None:
        """Write down what a check came to."""
        verdict = checking.verdict
        self.seen[checking.kata] = checking.text
        if self.left() <= 0:
            self.told = "The time was up before this check came to its end."
            return
        if verdict is None:
            self.told = checking.sentence
            return
        check = {
            "at": time.time(),
            "levels": verdict.levels,
            "green": [case.name for case in verdict.cases if case.passed],
            "passed": verdict.passed,
        }
        before = len(self.interview.asked)
        self.told = checking.sentence
        self.happen(Kind.CHECKED, kata=checking.kata, check=check, text=checking.text)
        said = self.say(verdict, len(self.interview.asked) - before)
        self.told = f"{said}\n{self.told}".strip()

    def say(self, verdict: Verdict, follow_ups: int) -> str:
        """What interview conditions allow to be said about a check."""
        if verdict.error:
            return f"Your attempt {verdict.error}"
        if verdict.passed:
            asked = f" They ask {follow_ups} follow-up questions now." if follow_ups else ""
            return f"{verdict.kata} passes.{asked}"
        failed = sum(not case.passed for case in verdict.cases)
        named = "".join(f" This looks like: {known.title}." for known in verdict.diagnosis)
        cases = "1 case" if failed == 1 else f"{failed} cases"
        return f"{verdict.kata}: {cases} to go.{named if self.interview.mistakes else ''}"

    def submit(self) -> None:
        """Call the current kata done, and move on to what is not."""
        part = self.part
        if part is None:
            return
        text = text_of(Path(part.path)) or part.saved
        self.happen(Kind.SUBMITTED, kata=part.kata, text=text)
        rest = [one.kata for one in self.interview.parts if not one.submitted]
        self.go(rest[0] if rest else self.interview.stops()[-1])
        self.told = f"{part.kata} is submitted; you may come back to it."

    def hint(self) -> str:
        """The next hint, if hints were switched on."""
        part = self.part
        if not self.interview.hints or part is None:
            return "No hints in this interview; kata mock --hints has them."
        kata = catalogue.find(part.kata)
        known, number = hints.load(kata), hints.take(kata)
        self.happen(Kind.HINTED, kata=part.kata)
        return f"Hint {number} of {len(known)}: {known[number - 1]}"

    def answer(self, name: str, reply: str) -> None:
        known = next(asked for asked in self.interview.asked if asked.id == name)
        if reply != known.reply:
            self.happen(Kind.ANSWERED, id=name, reply=reply)

    def look_back(self) -> None:
        """Note a wall clock that was set back while nobody held the interview."""
        behind = self.interview.since - time.time()
        if behind > JUMP_SECONDS:
            self.note(
                f"The clock stands {behind:.0f} s before what happened last;"
                " the end stayed where it was."
            )

    def tick_clock(self) -> None:
        """Note a wall clock that jumped; the deadline stays what it was."""
        wall, steady = time.time(), _steady()
        jump = (wall - self.wall) - (steady - self.steady)
        self.wall, self.steady = wall, steady
        if abs(jump) > JUMP_SECONDS:
            way = "forward" if jump > 0 else "back"
            self.note(f"The clock was set {way} by {abs(jump):.0f} s; the end stayed where it was.")


def _steady() -> float:
    """Seconds of a clock that nobody sets and that goes on while the machine sleeps, if it has one."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
