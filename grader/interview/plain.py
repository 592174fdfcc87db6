"""The interview in plain lines: for a pipe, a dumb terminal, a screen reader."""

import os
import select
import sys
import time
from collections.abc import Callable, Iterator

from grader import catalogue
from grader.errors import GraderError
from grader.interview import rubric
from grader.interview.events import Kind
from grader.interview.interview import QUESTIONS, Asked, Ending
from grader.interview.keeper import Keeper
from grader.interview.session import Session

LOOK_SECONDS = 0.4
WARNINGS = (0.2, 0.05)
HELP = """\
check      grade the attempt now (each save does it too)
submit     call this kata done and go to the next part
next       go to the next part; back: to the one before
answer N   answer question N; end the answer with a line that holds only a dot
time       the clocks;  brief: the task;  hint: if switched on
end        hand everything in now;  leave: the clock goes on, kata mock --resume"""


class Lines:
    """What the person types, a line at a time, without waiting longer than asked."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.buffer = b""
        self.ended = False

    def next(self, seconds: float) -> str | None:
        """The next line; None when none came in time."""
        if b"\n" not in self.buffer and not self.ended:
            ready, _, _ = select.select([self.descriptor], [], [], max(seconds, 0))
            if ready:
                data = os.read(self.descriptor, 65536)
                self.buffer += data or b"\n"
                self.ended = not data
        if b"\n" not in self.buffer:
            return None
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    @property
    def over(self) -> bool:
        """Nobody will type anything any more."""
        return self.ended and not self.buffer


class Plain:
    def __init__(self, session: Session, say: Callable[[str], None]) -> None:
        self.session = session
        self.say = say
        self.lines = Lines(sys.stdin.fileno())
        self.warned = 1.0
        self.writing: str | None = None  # the question that is being answered
        self.reply: list[str] = []

    def run(self) -> None:
        """Until the interview is over, or the person leaves it."""
        session = self.session
        session.open()
        self.say(f"Interview {session.interview.number}: {_clock(session.left())} left.\n{HELP}\n")
        self.tell()
        self.show_part()
        while not session.over:
            line = self.lines.next(min(LOOK_SECONDS, session.left()))
            if session.left() <= 0:
                session.told = "The time is up."
                break
            if line is not None and not self.lines.over and not self.obey(line):
                break
            if self.lines.over:
                self.say("No more input. The clock goes on: kata mock --resume")
                break
            self.look()
            self.tell()
        self.tell()

    def obey(self, line: str) -> bool:
        """Carry out a line; False when the person leaves."""
        if self.writing is not None:
            self.write(line)
            return True
        verb, _, rest = line.partition(" ")
        if verb == "leave":
            self.say("The clock goes on. Come back with: kata mock --resume")
            return False
        try:
            self.verbs().get(verb, lambda _: self.say(HELP) if line else None)(rest.strip())
        except GraderError as problem:
            self.say(str(problem))
        return True

    def verbs(self) -> dict[str, Callable[[str], None]]:
        return {
            "check": lambda _: self.check(self.session.interview.current),
            "submit": lambda _: self.submit(),
            "next": lambda _: self.move(1),
            "back": lambda _: self.move(-1),
            "answer": self.answer,
            "time": lambda _: self.say(self.clocks()),
            "brief": lambda _: self.show_part(),
            "hint": lambda _: self.say(self.session.hint()),
            "end": lambda _: self.end(),
        }

    def check(self, stop: str) -> None:
        if stop == QUESTIONS:
            self.say("Nothing to check here. Answer with: answer 1")
            return
        self.say(f"Checking {stop} …")
        self.session.take(self.session.check(stop))
        part = self.session.interview.part(stop)
        if part.checks:
            counts = part.checks[-1].levels.items()
            self.say("  ".join(f"{level} {good}/{all_}" for level, (good, all_) in counts))

    def submit(self) -> None:
        self.session.submit()
        self.tell()
        self.show_part()

    def move(self, by: int) -> None:
        self.session.step(by)
        self.show_part()

    def end(self) -> None:
        self.session.told = ""
        self.lines.ended = True
        self.say("Handing everything in.")
        from grader.interview import handin

        handin.freeze(self.session, Ending.FINISHED)

    def answer(self, number: str) -> None:
        asked = self.session.interview.asked
        if not number.isdecimal() or not 1 <= int(number) <= len(asked):
            self.say(f"Which question? answer 1 to answer {len(asked)}")
            return
        if self.session.interview.current != QUESTIONS:
            self.session.go(QUESTIONS)
        self.writing, self.reply = asked[int(number) - 1].id, []
        self.say("Your answer, then a line with only a dot:")

    def write(self, line: str) -> None:
        if line != ".":
            self.reply.append(line)
            return
        assert self.writing is not None
        self.session.answer(self.writing, "\n".join(self.reply))
        self.writing = None
        self.say("Noted.")

    def look(self) -> None:
        self.session.tick_clock()
        if kata := self.session.saved():
            self.check(kata)
        share = self.session.left() / self.session.interview.seconds
        for warning in WARNINGS:
            if share < warning < self.warned:
                self.warned = warning
                self.say(f"{_clock(self.session.left())} left.")

    def tell(self) -> None:
        if self.session.told:
            self.say(self.session.told)
            self.session.told = ""

    def clocks(self) -> str:
        interview, now = self.session.interview, time.time()
        rows = [f"{_clock(interview.left(now))} left of {_clock(interview.seconds)}"]
        for stop in interview.stops():
            here = "*" if stop == interview.current else " "
            spent = interview.spent(stop, now)
            rows.append(f"{here} {stop:<20} {_clock(spent)} of {_clock(interview.share(stop))}")
        return "\n".join(rows)

    def show_part(self) -> None:
        part = self.session.part
        if part is None:
            self.say("\n".join(_asked(self.session.interview.asked)))
            return
        self.say(f"--- {part.title} ({_clock(part.seconds)})\n")
        self.say(catalogue.find(part.kata).brief())
        self.say(f"Your attempt: {part.path}")


def _asked(asked: tuple[Asked, ...]) -> Iterator[str]:
    for number, one in enumerate(asked, 1):
        state = "answered" if one.reply else "open"
        yield f"{number}. ({state}{', follow-up' if one.follow_up else ''}) {one.text}"


def tick(keeper: Keeper, say: Callable[[str], None]) -> None:
    """Have the person say which key points each answer had."""
    for asked in keeper.interview.asked:
        if not asked.reply.strip():
            continue
        suggested = rubric.points_of(asked)
        say(f"\n{asked.text}\nYou said:\n{asked.reply}\nOurs:\n{asked.answer}\nKey points:")
        for number, point in enumerate(asked.points):
            say(f"  {number + 1}. [{'x' if number in suggested else ' '}] {point}")
        say("Which did you make? Numbers; Enter keeps the marked ones; 0 for none:")
        line = sys.stdin.readline()
        if not line:
            return
        keeper.happen(Kind.TICKED, id=asked.id, points=_chosen(line, suggested, len(asked.points)))


def _chosen(line: str, suggested: tuple[int, ...], count: int) -> list[int]:
    if not line.strip():
        return list(suggested)
    numbers = {int(word) for word in line.replace(",", " ").split() if word.isdecimal()}
    return sorted(number - 1 for number in numbers if 1 <= number <= count)


def _clock(seconds: float) -> str:
    """Minutes and seconds; below zero with a sign."""
    whole = round(abs(seconds))
    return f"{'-' if seconds < 0 and whole else ''}{whole // 60}:{whole % 60:02d}"
