"""The command `regimesim compare`."""

from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    Drawing,
)


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN_DIR", help="Folders of runs.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="This policy only; may be repeated."),
    ] = None,
    out: Drawing = None,
):
    """Set saved runs of the same policies side by side."""
    from regimesim.studies.compare.compute import compare

    compare(folders, policy or (), out)


COMMANDS = (compare,)
