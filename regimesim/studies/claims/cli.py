"""The command `regimesim claims`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
)


def claims(
    claim: Annotated[
        str | None, typer.Argument(metavar="[CLAIM]", help="The claim to run, such as C6.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Run all of them.")] = False,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/claim-C6 or /claims") = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Folder of claims, else scenarios/claims."),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List arguments from the debate, run one, or run all."""
    from regimesim.studies.claims.command import (
        claims_folder,
        list_claims,
        run_claim,
        run_claims,
        write_markdown,
    )

    given, place = all_settings(settings, worlds, seed), claims_folder(folder)
    if claim and everything:
        raise typer.BadParameter("name a claim, or --all of them, not both")
    if not claim and not everything and (given or out):
        raise typer.BadParameter("options of a run need a claim, or --all of them")
    if markdown:
        write_markdown(place, threads=threads)
    elif everything:
        run_claims(place, given, out, threads, sys.argv[1:])
    elif claim:
        run_claim(claim, place, given, out, threads, sys.argv[1:])
    else:
        list_claims(place)


COMMANDS = (claims,)
