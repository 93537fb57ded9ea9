"""The command `regimesim compare`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import folder_else


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN_DIR", help="Folders of runs.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="This policy only; may be repeated."),
    ] = None,
    out: folder_else("outputs/<first>-<second>-compare") = None,
):
    """Set saved runs of the same policies side by side."""
    from regimesim.studies.compare.question import ask, check_out
    from regimesim.studies.study import carry_out

    check_out(out)
    carry_out("compare", ask(folders, policy or ()), out, sys.argv[1:])


COMMANDS = (compare,)
