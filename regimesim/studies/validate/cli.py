"""The command `regimesim validate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    Threads,
    folder_else,
)


def validate(
    rows: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROW", help="Rows of the table, such as V3, else all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Targets in the place of those that are shipped."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Folder of scenarios, else the shipped ones."),
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/validation") = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print it as the page of the documents.")
    ] = False,
):
    """Compare the model with published and exact numbers."""
    if as_json and markdown:
        raise typer.BadParameter("--json or --markdown, not both")
    form = "json" if as_json else "markdown" if markdown else "table"
    from regimesim.studies.validate.command import run_validation
    from regimesim.studies.validate.question import ask

    return run_validation(ask(rows or (), targets, folder, threads), form, out, sys.argv[1:])


COMMANDS = (validate,)
