"""The command `regimesim attack`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
    At,
    Figures,
    Policies,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
)


def attack(
    file: ScenarioFile,
    policy: Policies = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=LOW:HIGH]",
            help="What the attacker may choose, by default all that is its own; may be repeated.",
        ),
    ] = None,
    trials: Annotated[
        int, typer.Option(metavar="N", help="Attackers that a sampler proposes for a policy.")
    ] = 64,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    threads: Threads = None,
    as_json: AsJson = False,
    figures: Figures = True,
    out: folder_else("outputs/<name>-attack") = None,
):
    """Find the worst case of a policy over what an attacker may choose."""
    from regimesim.ensemble.medians import at_place
    from regimesim.scenario import prepare
    from regimesim.studies.attack.question import ask
    from regimesim.studies.study import carry_out

    scenario = at_place(prepare(file, all_settings(settings, worlds, seed)), at)
    question = ask(scenario, policy or (), over or (), trials, threads)
    carry_out("attack", question, out, sys.argv[1:], figures, as_json)


COMMANDS = (attack,)
