"""The command `regimesim contributions`."""

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
)


def contributions(
    file: ScenarioOrRun,
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    audit_budgets: Annotated[
        str,
        typer.Option(
            metavar="A,B,...",
            help="Also run each policy at these audit budgets.",
            show_default=False,
        ),
    ] = "",
    cost: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Cost against which safety is set: growth_lost, audited, months_paused_a_year, "
            "false_alarms_a_year or usefulness.",
        ),
    ] = "growth_lost",
    threads: Threads = None,
    out: folder_else("outputs/<name>-contributions") = None,
):
    """Estimate what each safeguard contributes, and what it costs."""
    from regimesim.ensemble.medians import at_place
    from regimesim.studies.contributions.question import ask, read_scenario
    from regimesim.studies.study import carry_out

    scenario = at_place(read_scenario(file, all_settings(settings, worlds, seed)), at)
    question = ask(scenario, policy or (), audit_budgets, threads, cost)
    carry_out("contributions", question, out, sys.argv[1:])


COMMANDS = (contributions,)
