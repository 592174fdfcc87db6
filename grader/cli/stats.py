"""kata stats"""

import json
import time
from pathlib import Path

import click

from grader import stats
from grader.errors import GraderError


@click.command("stats", epilog="Example: kata stats --html stats.html")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page of its own."
)
def command(as_json: bool, html: Path | None) -> None:
    """Your record: topics, levels, streak, first tries, time to pass, commonest mistakes."""
    gathered = stats.gather(time.time())
    if html is not None:
        _write(html, gathered)
    if as_json:
        click.echo(json.dumps(gathered.to_json()))
    elif html is not None:
        click.echo(f"Wrote {html}")
    else:
        from grader.render import stats as render

        for line in render.lines(gathered):
            click.secho(line, bold=not line.startswith(" "))


def _write(path: Path, gathered: stats.Stats) -> None:
    from grader.render import stats_page

    text = stats_page.page(gathered, time.strftime("%Y-%m-%d"))
    try:
        path.write_text(text, "utf-8")
    except OSError as problem:
        raise GraderError(f"{path} cannot be written: {problem.strerror}.") from None
