"""The command `regimesim worth`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    Figures,
    ScenarioOrRun,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
    known_policies,
)


def worth(
    file: ScenarioOrRun,
    between: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,NAME",
            help="The policies to choose between, by default all; may be repeated.",
            autocompletion=known_policies,
        ),
    ] = None,
    value: Annotated[
        str,
        typer.Option(metavar="SUM", help="What a policy is worth: outcomes, each times a number."),
    ] = "no_takeover - 0.2*growth_lost",
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help='A measurement to judge, as in "takeover.difficulty +- 1"; may be repeated.',
        ),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-worth") = None,
    figures: Figures = True,
    as_json: AsJson = False,
):
    """Find which assumption would be worth knowing before a policy is chosen."""
    from regimesim.studies.saved_worlds import read_source
    from regimesim.studies.study import carry_out
    from regimesim.studies.worth.question import ask, read_between

    source = read_source(file, all_settings(settings, worlds, seed))
    question = ask(source, read_between(between or ()), value, measure or (), threads)
    carry_out("worth", question, out, sys.argv[1:], figures, as_json)


COMMANDS = (worth,)
