"""The command `regimesim worth`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    Between,
    Figures,
    ScenarioOrRun,
    Seed,
    Settings,
    Sum,
    Threads,
    Worlds,
    all_settings,
    folder_else,
    read_between,
)


def worth(
    file: ScenarioOrRun,
    between: Between = None,
    value: Sum = "no_takeover - 0.2*growth_lost",
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help='A measurement to judge, as in "takeover.difficulty +- 1", "honeypots: 300" or '
            '"horizon on 2027-06"; may be repeated.',
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
    from regimesim.studies.worth.question import ask

    source = read_source(file, all_settings(settings, worlds, seed))
    question = ask(source, read_between(between or ()), value, measure or (), threads)
    carry_out("worth", question, out, sys.argv[1:], figures, as_json)


COMMANDS = (worth,)
