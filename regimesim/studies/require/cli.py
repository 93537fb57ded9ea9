"""The command `regimesim require`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    At,
    Policies,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    folder_else,
    scenario_of,
)


def require(
    file: ScenarioFile,
    targets: Annotated[
        list[str],
        typer.Option("--for", metavar="ESTIMAND=V", help="A target to reach; may be repeated."),
    ],
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="KEY[=LOW:HIGH]", help="A parameter to vary; several move along one line."
        ),
    ],
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    threads: Threads = None,
    as_json: AsJson = False,
    out: folder_else("outputs/<name>-require") = None,
):
    """Find how much of a parameter is enough to reach a target."""
    from regimesim.studies.require.question import ask
    from regimesim.studies.study import carry_out

    scenario = scenario_of(file, settings, worlds, seed, at)
    question = ask(scenario, targets, vary, policy or (), threads)
    carry_out("require", question, out, sys.argv[1:], as_json=as_json)


COMMANDS = (require,)
