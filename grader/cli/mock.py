"""kata mock"""

import time
from typing import TYPE_CHECKING

import click

from grader import catalogue, config, history, workspace
from grader.cli import fronts, options

if TYPE_CHECKING:
    from grader.interview.interview import Interview

LEVELS = click.Choice(["easy", "medium", "hard"])


def _complete_topics(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    before, comma, last = typed.rpartition(",")
    return [before + comma + name for name in options.complete_topic(context, parameter, last)]


@click.command("mock", epilog="Example: kata mock --minutes 60 --topics attention,losses")
@click.option("--minutes", type=float, default=45, show_default=True, metavar="M", help="How long.")
@click.option("--level", type=LEVELS, help="How hard.  Without it: any.")
@click.option(
    "--topics",
    metavar="A,B",
    default="",
    help="Only katas of these topics.",
    shell_complete=_complete_topics,
)
@click.option("--seed", type=int, metavar="N", help="The same seed chooses the same interview.")
@options.device_option
@click.option("--hints", is_flag=True, help="Allow hints; the debrief says so.")
@click.option("--mistakes", is_flag=True, help="Name mistakes; the debrief says so.")
@click.option("--plain", is_flag=True, help="Plain lines instead of the whole screen.")
@click.option("--resume", is_flag=True, help="Go on with the interview that is open.")
@click.option("--abandon", is_flag=True, help="End the interview that is open.")
def command(
    minutes: float,
    level: str | None,
    topics: str,
    seed: int | None,
    device: str | None,
    hints: bool,
    mistakes: bool,
    plain: bool,
    resume: bool,
    abandon: bool,
) -> None:
    """Sit a timed mock interview: katas, spoken questions, and a debrief.

    The clock never stops.  Close the terminal, and kata mock --resume goes on
    where it truly is.
    """
    from grader.interview import course, plan, store
    from grader.render import debrief as page

    with store.alone():
        if abandon:
            return _abandon()
        if resume:
            interview = store.resume()
        else:
            wish = plan.Wish(
                minutes=minutes,
                level=level or "",
                topics=_known(topics),
                seed=seed,
                device=_checked(options.device(device)),
                flavour=config.flavour(),
                hints=hints,
                mistakes=mistakes,
            )
            workspace.make_folder()
            interview = store.begin(plan.plan(wish, catalogue.every(), history.states()))
        debrief = course.conduct(interview, fronts.front(plain=plain))
    if debrief is None:
        _say_when(interview)
    else:
        page.show(debrief)
    return None


def _abandon() -> None:
    from grader.interview import course, store

    interview = store.resume()
    course.abandon(interview)
    click.echo(
        f"Interview {interview.number} is over. What you wrote is kept.\n"
        f"Its debrief all the same: kata report {interview.number}"
    )


def _known(topics: str) -> tuple[str, ...]:
    names = tuple(topic.strip() for topic in topics.split(",") if topic.strip())
    for name in names:
        options.check_topic(name)
    return names


def _checked(device: str) -> str:
    """A device that is not there is said before the clock runs."""
    if device in ("auto", "cpu"):
        return device
    from grader.warm import client

    there = client.selftest()["devices"]
    if device not in there and f"{device}:0" not in there:
        raise config.no_device(device, there)
    return device


def _say_when(interview: "Interview") -> None:
    from grader.interview.interview import clock

    until = time.strftime("%H:%M", time.localtime(interview.deadline))
    left = clock(interview.left(time.time()))
    click.echo(f"The clock goes on: {left} left, until {until}.\nCome back: kata mock --resume")
