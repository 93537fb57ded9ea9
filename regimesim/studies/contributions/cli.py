"""The command `regimesim contributions`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
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
    audit_budgets: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Also run each policy at these audit budgets."),
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-contributions") = None,
):
    """Tell what each safeguard contributes, and what it costs."""
    from regimesim.studies.contributions.question import run_contributions

    given = all_settings(settings, worlds, seed)
    budgets, told = audit_budgets, {"threads": threads, "command": sys.argv[1:]}
    run_contributions(file, given, policy or (), budgets, out, **told)


COMMANDS = (contributions,)
