"""The command `regimesim update`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    AsJson,
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


def update(
    file: ScenarioFile,
    evidence: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A file with a table [evidence], by default that of the scenario."
        ),
    ] = None,
    policies: Policies = None,
    effective: Annotated[
        float,
        typer.Option(metavar="N", help="How many effective worlds are wanted; 0: draw none."),
    ] = 400,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    threads: Threads = None,
    figures: Figures = True,
    as_json: AsJson = False,
    out: folder_else("outputs/<name>-update") = None,
):
    """Update on evidence: which worlds are left, and what they say of each policy."""
    from regimesim.scenario import prepare
    from regimesim.studies.study import carry_out
    from regimesim.studies.update.question import ask

    scenario = prepare(file, all_settings(settings, worlds, seed))
    question = ask(scenario, evidence, policies or (), effective, threads)
    carry_out("update", question, out, sys.argv[1:], figures, as_json=as_json)


COMMANDS = (update,)
