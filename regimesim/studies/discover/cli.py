"""The command `regimesim discover`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    At,
    Policies,
    ScenarioOrRun,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
    known_keys,
)


def discover(
    file: ScenarioOrRun,
    outcome: Annotated[
        str,
        typer.Option(metavar="SHARE", help="The share to examine; a world fails where it is 0."),
    ] = "no_takeover",
    policy: Policies = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=LOW:HIGH]",
            help="Draw a parameter uniformly; may be repeated.",
            autocompletion=known_keys,
        ),
    ] = None,
    density: Annotated[
        float | None,
        typer.Option(metavar="D", help="Least share of failures in a box."),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-discover") = None,
):
    """Find the assumptions under which a policy fails."""
    from regimesim.studies.discover.question import ask
    from regimesim.studies.saved_worlds import read_source
    from regimesim.studies.study import carry_out

    source = read_source(file, all_settings(settings, worlds, seed), at)
    question = ask(source, policy or (), over, outcome, density, threads)
    carry_out("discover", question, out, sys.argv[1:])


COMMANDS = (discover,)
