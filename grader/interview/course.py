"""An interview from the sitting to the debrief, on whatever kind of terminal the person has."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.interview import handin, store
from grader.interview.debrief import Debrief, of_interview
from grader.interview.interview import Ending, Interview
from grader.interview.keeper import Keeper
from grader.interview.session import Session


@dataclass(frozen=True, slots=True)
class Front:
    """How the person is talked to: a whole screen, or plain lines."""

    hold: Callable[[Session], None]  # until the end, or until the person leaves
    tick: Callable[[Keeper], None]
    say: Callable[[str], None]


def conduct(interview: Interview, front: Front) -> Debrief | None:
    """None when the person left while the clock goes on."""
    session = Session(interview, told=" ".join(interview.notes[:1]))
    session.look_back()
    if session.left() > 0:
        front.hold(session)
    if session.left() <= 0:
        handin.freeze(session, Ending.TIME)
    if not session.over:
        return None
    handin.grade(session, front.say)
    front.tick(session)
    return of_interview(session.interview)


def abandon(interview: Interview) -> None:
    handin.freeze(Keeper(interview), Ending.ABANDONED)


def again(interview: Interview, front: Front, *, tick: bool) -> Debrief:
    """The debrief of an interview that is over; what could not be graded then is graded now."""
    if not tick and not handin.ungraded(interview):
        return of_interview(interview)
    with store.alone():
        keeper = Keeper(interview)
        handin.grade(keeper, front.say)
        if tick:
            front.tick(keeper)
    return of_interview(keeper.interview)
