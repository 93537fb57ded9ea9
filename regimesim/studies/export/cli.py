"""The command `regimesim export`."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a sweep.")],
    to: Annotated[
        str, typer.Option("--to", metavar="LIBRARY", help="ema (EMA workbench) or salib.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File to write, by default DIR.ema.tar.gz or DIR.salib.json."
        ),
    ] = None,
):
    """Write a finished sweep for EMA workbench or SALib."""
    from regimesim.studies.export.compute import export

    result = export(folder, to, out)
    typer.echo(result.text())
    typer.echo(result.path)


COMMANDS = (export,)
