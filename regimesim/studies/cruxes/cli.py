"""The command `regimesim cruxes`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    OnePolicy,
    Seed,
    Threads,
    Worlds,
    all_settings,
    folder_else,
)


def cruxes(
    a: Annotated[Path, typer.Argument(metavar="A", help="A scenario, in TOML.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    outcome: Annotated[
        str, typer.Option(metavar="X", help="On what they disagree, as in no_takeover.")
    ],
    policy: OnePolicy = None,
    by: Annotated[
        str, typer.Option(metavar="KIND", help="Group what differs by table or parameter.")
    ] = "table",
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KEY,KEY", help="A group of your own; may be repeated."),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    threads: Threads = None,
    out: folder_else("outputs/<a>-<b>-cruxes") = None,
):
    """Find which parameters make two scenarios disagree."""
    from regimesim.studies.cruxes.text import tell_cruxes

    given = all_settings((), worlds, seed)
    how = {"groups": group or (), "settings": given, "threads": threads, "out": out}
    tell_cruxes(a, b, outcome, policy, by, **how, command=sys.argv[1:])


COMMANDS = (cruxes,)
