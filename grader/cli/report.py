"""kata report"""

import json
from pathlib import Path

import click

from grader.cli import fronts


@click.command("report", epilog="Example: kata report 3 --html interview-3.html")
@click.argument("number", type=int, metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="One page of HTML.")
@click.option("--tick", is_flag=True, help="Say again which key points your answers had.")
@click.option("--plain", is_flag=True, help="Plain lines instead of the whole screen.")
def command(number: int | None, as_json: bool, html: Path | None, tick: bool, plain: bool) -> None:
    """Show the debrief of a mock interview; without ID, of the newest."""
    from grader.interview import course, store

    front = fronts.front(plain=plain, silent=as_json)
    debrief = course.again(store.finished(number), front, tick=tick)
    if html is not None:
        from grader.report import html as page

        page.write(html, page.of_interview(debrief))
    if as_json:
        click.echo(json.dumps(debrief.to_json()))
    elif html is not None:
        click.echo(f"Wrote {html}")
    else:
        from grader.render import debrief as terminal

        terminal.show(debrief)
