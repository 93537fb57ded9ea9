"""The command `regimesim cruxes`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    At,
    OnePolicy,
    Seed,
    Threads,
    Worlds,
    all_settings,
    folder_else,
    policy_taken,
)


def cruxes(
    a: Annotated[Path, typer.Argument(metavar="A", help="A scenario, in TOML.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another scenario.")],
    outcome: Annotated[
        str,
        typer.Option(metavar="X", help="The outcome on which they disagree, as in no_takeover."),
    ],
    policy: OnePolicy = None,
    by: Annotated[
        str, typer.Option(metavar="KIND", help="Group the differences by table or by parameter.")
    ] = "table",
    group: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KEY,KEY", help="A group of your own; may be repeated."),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    at: At = None,
    threads: Threads = None,
    out: folder_else("outputs/<a>-<b>-cruxes") = None,
):
    """Find which parameters make two scenarios disagree."""
    from regimesim.studies.cruxes.question import ask, read_groups, read_pair
    from regimesim.studies.study import carry_out

    ours, theirs = read_pair(a, b, all_settings((), worlds, seed), at)
    policies = [policy] if policy else ()
    question = ask(ours, theirs, outcome, policies, by, read_groups(group or ()), threads)
    carry_out("cruxes", question, out, sys.argv[1:], notice=policy_taken(ours, policy))


COMMANDS = (cruxes,)
