"""The command `regimesim robust`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    Between,
    Figures,
    Seed,
    Settings,
    Sum,
    Threads,
    all_settings,
    folder_else,
    read_between,
)


def robust(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="One scenario or several, in TOML.")
    ],
    between: Between = None,
    value: Sum = "no_takeover - 0.2*growth_lost",
    good_enough: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="The value from which on a policy is good enough in a future."
        ),
    ] = None,
    repeats: Annotated[
        int, typer.Option(metavar="N", help="Worlds of each future, with other luck.")
    ] = 16,
    worlds: Annotated[
        str | None, typer.Option("--worlds", metavar="N", help="Number of futures of each file.")
    ] = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-robust") = None,
    figures: Figures = True,
    as_json: AsJson = False,
):
    """Compare policies over futures of which nobody knows how probable they are."""
    from regimesim.studies.robust.question import ask, read_files
    from regimesim.studies.study import carry_out

    scenarios = read_files(files, all_settings(settings, worlds, seed))
    policies = read_between(between or ())
    question = ask(scenarios, policies, value, good_enough, repeats, threads)
    carry_out("robust", question, out, sys.argv[1:], figures, as_json)


COMMANDS = (robust,)
