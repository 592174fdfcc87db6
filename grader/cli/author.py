"""kata author"""

import click

from grader import catalogue
from grader.cli.main import NOT_PASSED, PASSED, Commands


@click.group("author", cls=Commands, epilog="Example: kata author check adam --verbose")
def command() -> None:
    """Prove, scaffold and sharpen katas."""


@command.command("check", epilog="Example: kata author check --all")
@click.argument("slugs", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every kata.")
@click.option("--verbose", is_flag=True, help="Also the matrix: which case catches which mistake.")
def check(slugs: tuple[str, ...], everything: bool, verbose: bool) -> int:
    """Prove katas against the bar: solution, stub, wrong answers, diagnosis, texts."""
    from grader.authoring import prove
    from grader.render import proofs

    if not slugs and not everything:
        raise click.UsageError("Name a kata, or --all.")
    katas = catalogue.every() if everything else [catalogue.find(slug) for slug in slugs]
    proven = []
    for kata in katas:
        proof = prove.prove(kata)
        proofs.show(proof, verbose=verbose)
        proven.append(proof.holds)
    return PASSED if all(proven) else NOT_PASSED


@command.command("new", epilog="Example: kata author new layer-norm")
@click.argument("slug")
def new(slug: str) -> None:
    """Write the files of a new kata: an example that works, with TODO where you write."""
    from grader.authoring import scaffold

    for path in scaffold.new(slug):
        click.echo(f"Wrote {path}")
    click.echo(f"Replace what TODO names, then see how far it is: kata author check {slug}")


@command.command("mutate", epilog="Example: kata author mutate adam -k zero_grad")
@click.argument("slugs", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every kata.")
@click.option("-k", "select", default="", help="Only mutants whose name contains this text.")
@click.option("--verbose", is_flag=True, help="Also what became of each mutant.")
def mutate(slugs: tuple[str, ...], everything: bool, select: str, verbose: bool) -> int:
    """Change the solution in small ways and list the changes that no case catches.

    Each survivor asks for a sharper case, or for a line in reference/SLUG/mutants.toml
    that says why it is equivalent.
    """
    if not slugs and not everything:
        raise click.UsageError("Name a kata, or --all.")
    katas = catalogue.every() if everything else [catalogue.find(slug) for slug in slugs]
    from grader.authoring.mutate import survey
    from grader.render import surveys

    sharp = []
    for kata in katas:
        found = survey(kata, select, surveys.progress)
        surveys.show(found, verbose=verbose)
        sharp.append(found.holds)
    return PASSED if all(sharp) else NOT_PASSED
