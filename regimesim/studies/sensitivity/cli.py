"""The command `regimesim sensitivity`."""

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
    known_keys,
    policy_taken,
    scenario_of,
)

Outcome = Annotated[
    str,
    typer.Option(
        metavar="X", help="The outcome: an estimand, or as in first_critical_try_median."
    ),
]
Over = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY[=LOW:HIGH]",
        help="A parameter, or all; by default those with a distribution; may be repeated.",
        autocompletion=known_keys,
    ),
]
WorldsOfPoints = Annotated[
    str | None,
    typer.Option(
        "--worlds",
        metavar="N",
        help="Worlds at each point; by default the file's, at most 500, and of indices 128.",
    ),
]


def sensitivity(
    file: ScenarioFile,
    outcome: Outcome,
    over: Over = None,
    policy: OnePolicy = None,
    points: Annotated[
        int, typer.Option(metavar="N", help="Number N of Sobol's method, a power of 2.")
    ] = 128,
    screen: Annotated[
        bool, typer.Option("--screen/--no-screen", help="Screen the parameters first.")
    ] = True,
    screen_only: Annotated[
        bool, typer.Option("--screen-only", help="Screen, and compute no indices.")
    ] = False,
    worlds: WorldsOfPoints = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    executor: Annotated[
        str | None, typer.Option(metavar="KIND", help="threads or processes.")
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-sensitivity") = None,
):
    """Measure how much each parameter matters to an outcome."""
    from regimesim.studies.sensitivity.question import FEWER, ask, few_worlds
    from regimesim.studies.study import carry_out

    scenario = scenario_of(file, settings, worlds, seed, at)
    question = ask(
        few_worlds(scenario) if worlds is None else scenario,
        outcome,
        over,
        [policy] if policy else (),
        points,
        screen,
        not screen_only,
        threads,
        executor,
        FEWER if worlds is None else None,
    )
    carry_out("sensitivity", question, out, sys.argv[1:], notice=policy_taken(scenario, policy))


COMMANDS = (sensitivity,)
