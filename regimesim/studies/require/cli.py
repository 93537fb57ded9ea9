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
    all_settings,
    folder_else,
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
    from regimesim.ensemble.medians import at_place
    from regimesim.scenario import prepare
    from regimesim.studies.require.question import ask
    from regimesim.studies.study import carry_out

    scenario = at_place(prepare(file, all_settings(settings, worlds, seed)), at)
    question = ask(scenario, targets, vary, policy or (), threads)
    carry_out("require", question, out, sys.argv[1:], as_json=as_json)


COMMANDS = (require,)
