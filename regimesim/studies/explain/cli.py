"""The command `regimesim explain`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    At,
    OnePolicy,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    folder_else,
    known_keys,
    policy_taken,
    scenario_of,
)


def explain(
    file: ScenarioFile,
    policy: OnePolicy = None,
    good_enough: Annotated[
        float,
        typer.Option("--good-enough", metavar="P", help="The least P(no takeover) that is good."),
    ] = 0.5,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=LOW:HIGH]",
            help="An assumption to move, or all; by default all; may be repeated.",
            autocompletion=known_keys,
        ),
    ] = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    threads: Threads = None,
    as_json: AsJson = False,
    out: folder_else("outputs/<name>-explain") = None,
):
    """Explain what the share of worlds without a takeover consists of, and what would flip it."""
    from regimesim.studies.explain.question import ask
    from regimesim.studies.study import carry_out

    scenario = scenario_of(file, settings, worlds, seed, at)
    question = ask(scenario, policy, good_enough, over, threads)
    carry_out(
        "explain",
        question,
        out,
        sys.argv[1:],
        notice=policy_taken(scenario, policy),
        as_json=as_json,
    )


COMMANDS = (explain,)
