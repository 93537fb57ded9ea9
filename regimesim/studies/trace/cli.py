"""The command `regimesim trace`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    At,
    OnePolicy,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    folder_else,
    policy_taken,
    scenario_of,
)


def trace(
    file: ScenarioFile,
    world: Annotated[str | None, typer.Option(metavar="N", help="Number of the world.")] = None,
    find: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="Instead: the first world of a kind, as in first_failure."
        ),
    ] = None,
    policy: OnePolicy = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-trace") = None,
):
    """Show the history of a single world."""
    from regimesim.studies.study import carry_out
    from regimesim.studies.trace.question import ask

    scenario = scenario_of(file, settings, seed=seed, at=at)
    question = ask(scenario, world, find, [policy] if policy else (), threads)
    carry_out("trace", question, out, sys.argv[1:], notice=policy_taken(scenario, policy))


COMMANDS = (trace,)
