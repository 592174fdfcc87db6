"""kata author"""

import click

from grader import catalogue
from grader.cli.main import NOT_PASSED, PASSED


@click.group("author", epilog="Example: kata author check adam --verbose")
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
