"""kata stats"""

import json
import shutil
import time
from pathlib import Path

import click

from grader import stats


@click.command("stats", epilog="Example: kata stats --html stats.html")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page of its own."
)
def command(as_json: bool, html: Path | None) -> None:
    """Your record: topics, levels, streak, first tries, time to pass, commonest mistakes."""
    gathered = stats.gather(time.time())
    if html is not None:
        from grader.render import stats_page
        from grader.report import html as page

        page.write(html, stats_page.page(gathered, time.strftime("%Y-%m-%d")))
    if as_json:
        click.echo(json.dumps(gathered.to_json()))
    elif html is not None:
        click.echo(f"Wrote {html}")
    else:
        from grader.render import stats as render

        for line in render.lines(gathered, min(shutil.get_terminal_size().columns, render.WIDE)):
            click.secho(line, bold=not line.startswith(" "))
