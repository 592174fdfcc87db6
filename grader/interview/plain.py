"""The interview in plain lines: for a pipe, a dumb terminal, a screen reader."""

import os
import select
import time
from collections.abc import Callable, Iterator

from grader.errors import GraderError
from grader.interview import handin, rubric
from grader.interview.events import Kind
from grader.interview.interview import QUESTIONS, Asked, Ending, clock
from grader.interview.keeper import Keeper
from grader.interview.session import Session

Say = Callable[[str], None]
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

    def next(self, seconds: float | None) -> str | None:
        """The next line; None when none came in time, or when nobody will type any more."""
        if b"\n" not in self.buffer and not self.ended:
            ready, _, _ = select.select([self.descriptor], [], [], seconds)
            if ready:
                data = os.read(self.descriptor, 65536)
                self.ended = not data
                self.buffer += data
                if self.ended and self.buffer:
                    self.buffer += b"\n"  # a last line without an end
        if b"\n" not in self.buffer:
            return None
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("utf-8", "replace").strip()


class Plain:
    def __init__(self, session: Session, lines: Lines, say: Say) -> None:
        self.session = session
        self.say = say
        self.lines = lines
        self.warned = 1.0
        self.writing: str | None = None  # the question that is being answered
        self.reply: list[str] = []

    def run(self) -> None:
        """Until the interview is over, or the person leaves it."""
        session = self.session
        session.open()
        self.say(f"Interview {session.interview.number}: {clock(session.left())} left.\n{HELP}\n")
        self.tell()
        self.show_part()
        while not session.over and session.left() > 0:
            line = self.lines.next(min(LOOK_SECONDS, session.left()))
            if line is None and self.lines.ended:
                line = "leave"
            if line is not None and session.left() > 0 and not self.obey(line):
                return
            if not session.over:
                self.look()
            self.tell()

    def obey(self, line: str) -> bool:
        """Carry out a line; False when the person leaves."""
        if self.writing is not None:
            self.write(line)
            return True
        verb, _, rest = line.partition(" ")
        if verb == "leave":
            return False
        try:
            self.verbs().get(verb, self.help)(rest.strip())
        except GraderError as problem:
            self.say(str(problem))
        return True

    def help(self, rest: str) -> None:
        self.say(HELP)

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
        self.say("Handing everything in.")
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
                self.say(f"{clock(self.session.left())} left.")

    def tell(self) -> None:
        if self.session.told:
            self.say(self.session.told)
            self.session.told = ""

    def clocks(self) -> str:
        interview, now = self.session.interview, time.time()
        rows = [f"{clock(interview.left(now))} left of {clock(interview.seconds)}"]
        for stop in interview.stops():
            here = "*" if stop == interview.current else " "
            spent = interview.spent(stop, now)
            rows.append(f"{here} {stop:<20} {clock(spent)} of {clock(interview.share(stop))}")
        return "\n".join(rows)

    def show_part(self) -> None:
        part = self.session.part
        if part is None:
            self.say("\n".join(_asked(self.session.interview.asked)))
            return
        self.say(f"--- {part.title} ({clock(part.seconds)})\n")
        self.say(self.session.brief())


def _asked(asked: tuple[Asked, ...]) -> Iterator[str]:
    for number, one in enumerate(asked, 1):
        state = "answered" if one.reply else "open"
        yield f"{number}. ({state}{', follow-up' if one.follow_up else ''}) {one.text}"


def tick(keeper: Keeper, lines: Lines, say: Say) -> None:
    """Have the person say which key points each answer had."""
    for asked in keeper.interview.asked:
        if not asked.reply.strip():
            continue
        marked = rubric.points_of(asked)
        say(f"\n{asked.text}\n\nYou said:\n{asked.reply}\n\nOurs:\n{asked.answer}\n\nKey points:")
        for number, point in enumerate(asked.points):
            say(f"  {number + 1}. [{'x' if number in marked else ' '}] {point}")
        say("Which did you make? Numbers; Enter keeps the marked ones; 0 for none:")
        line = lines.next(None)
        if line is None:
            return
        keeper.happen(Kind.TICKED, id=asked.id, points=_chosen(line, marked, len(asked.points)))


def _chosen(line: str, marked: tuple[int, ...], count: int) -> list[int]:
    if not line.strip():
        return list(marked)
    numbers = {int(word) for word in line.replace(",", " ").split() if word.isdecimal()}
    return sorted(number - 1 for number in numbers if 1 <= number <= count)
