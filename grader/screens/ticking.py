"""After the interview: each answer beside ours, its key points to tick."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Markdown, Static

from grader.interview import rubric
from grader.interview.events import Kind
from grader.interview.interview import Asked
from grader.interview.keeper import Keeper
from grader.screens import look
from grader.screens.view import View


class Point(Static, can_focus=True):
    """One key point, ticked or not, told apart without colours too."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "mark", "tick")]

    def __init__(self, text: str, *, ticked: bool) -> None:
        super().__init__(classes="point")
        self.text = text
        self.ticked = ticked

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        mark = "[x]" if self.ticked else "[ ]"
        self.update(
            Content.assemble((mark, "bold $success" if self.ticked else ""), " ", self.text)
        )

    def action_mark(self) -> None:
        self.ticked = not self.ticked
        self.draw()

    def on_click(self) -> None:
        self.action_mark()


class Ticking(View):
    """One answer after the other; what its words suggest is ticked already."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "next answer"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("q", "quit", "to the debrief"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]
    CSS = (
        look.CSS
        + """
    #title { padding: 0 1; height: 1; }
    #answer { padding: 0 2; max-width: 92; & > Static { height: auto; } & Markdown { padding: 0; } }
    .head { margin: 1 0 0 0; text-style: bold; }
    .point:focus { text-style: reverse; }
    """
    )

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self.keeper = keeper
        self.names = [asked.id for asked in keeper.interview.asked if asked.reply.strip()]
        self.place = 0

    @property
    def asked(self) -> Asked:
        name = self.names[self.place]
        return next(one for one in self.keeper.interview.asked if one.id == name)

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield VerticalScroll(id="answer", can_focus=False)
        yield Footer(compact=True, show_command_palette=False)

    async def on_mount(self) -> None:
        await self.show()

    async def show(self) -> None:
        asked, marked = self.asked, rubric.points_of(self.asked)
        self.query_one("#title", Static).update(
            f"Your answers, {self.place + 1} of {len(self.names)}: tick the key points that you made"
        )
        pane = self.query_one("#answer")
        await pane.remove_children()
        await pane.mount(
            Static(Content.styled(asked.text, "bold")),
            Static("You said", classes="head", markup=False),
            Static(asked.reply, markup=False),
            Static("Key points", classes="head", markup=False),
            *(Point(point, ticked=number in marked) for number, point in enumerate(asked.points)),
            Static("Our answer", classes="head", markup=False),
            Markdown(asked.answer, open_links=False),
        )
        self.query(Point).first().focus()
        pane.scroll_home(animate=False)

    async def action_next(self) -> None:
        self.tick()
        self.place += 1
        if self.place == len(self.names):
            self.place -= 1
            self.exit()
        else:
            await self.show()

    async def action_quit(self) -> None:
        self.tick()
        self.exit()

    def tick(self) -> None:
        chosen = [number for number, point in enumerate(self.query(Point)) if point.ticked]
        self.keeper.happen(Kind.TICKED, id=self.asked.id, points=chosen)


def run(keeper: Keeper) -> None:
    """Nothing to tick, nothing shown."""
    app = Ticking(keeper)
    if app.names:
        app.run_to_the_end()
