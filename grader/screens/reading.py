"""What lies over a view for a while: a text to read, a question before something is done."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Markdown, Static

from grader.questions import Question


class Reading(ModalScreen[None]):
    """A text over the whole view.  The key that opened it closes it, or fetches the next text."""

    DEFAULT_CSS = """
    Reading {
        align: center top;
        & > VerticalScroll {
            width: 100%; max-width: 92; height: auto; max-height: 100%;
            margin: 1 0; padding: 0 2;
            border: round $primary; background: $background;
        }
        & Markdown { padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "back")]

    def __init__(
        self,
        title: str,
        text: str,
        key: str,
        following: Callable[[], tuple[str, str]] | None = None,
    ) -> None:
        super().__init__()
        self.heading = title
        self.text = text
        self.key = key
        self.following = following

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Markdown(self.text, open_links=False)
        yield _keys()

    def on_mount(self) -> None:
        frame = self.query_one(VerticalScroll)
        frame.border_title = self.heading
        frame.border_subtitle = f"{self.key} next" if self.following else ""
        frame.focus()

    async def on_key(self, event: events.Key) -> None:
        if event.key != self.key:
            return
        event.stop()
        if self.following is None:
            self.action_close()
            return
        title, text = self.following()
        self.query_one(VerticalScroll).border_title = title
        await self.query_one(Markdown).update(text)

    def action_close(self) -> None:
        if self.is_current:  # a second key may come before the first has closed it
            self.dismiss()


class Sure(ModalScreen[bool]):
    """A question before files change: y does it, any other key does not."""

    DEFAULT_CSS = """
    Sure {
        align: center middle;
        & > Vertical {
            width: auto; max-width: 100%; height: auto; padding: 1 3;
            border: round $warning; background: $background;
        }
        & Static { width: auto; max-width: 70; }
    }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"{self.question}\n\ny yes    any other key: no", markup=False)
        yield _keys()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if self.is_current:  # a second key may come before the first has closed it
            self.dismiss(event.key == "y")


def _keys() -> Footer:
    """Over that of the view, whose keys do nothing meanwhile."""
    return Footer(compact=True, show_command_palette=False)


def answered(questions: list[Question], asked: list[str]) -> str:
    """Questions with their answers as a text: those that were asked first, then the others."""
    first = {name: place for place, name in enumerate(asked)}
    ordered = sorted(questions, key=lambda question: first.get(question.id, len(asked)))
    return "\n\n".join(
        f"## {' '.join(question.text.split())}\n\n{question.answer}\n\n"
        f"*They ask next:* {question.follow_up}"
        for question in ordered
    )
