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
        typer.Option("--from", metavar="DIR", help="Folder of claims, else the shipped ones."),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", hidden=True)] = False,
):
    """List arguments from the debate, run one, or run all."""
    changes = all_settings(settings, worlds, seed)
    if claim and everything:
        raise typer.BadParameter("name a claim, or --all of them, not both")
    if not claim and not everything and (changes or out):
        raise typer.BadParameter("options of a run need a claim, or --all of them")
    from regimesim.studies.claims import command
    from regimesim.studies.claims.question import ask, claims_folder

    if not (claim or everything or markdown):
        command.list_claims(claims_folder(folder))
        return
    question = ask(claim or (), changes, folder, threads)
    if markdown:
        command.write_markdown(question)
    elif everything:
        command.run_claims(question, out, sys.argv[1:])
    else:
        command.run_claim(question, out, sys.argv[1:])


COMMANDS = (claims,)
