"""Commands for many points of a design."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
    Figures,
    Policies,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
    known_keys,
)

Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=...",
        help="A range LOW:HIGH:N or a list A,B,C, instead of the file's; may be repeated.",
        autocompletion=known_keys,
    ),
]


def sweep(
    file: ScenarioFile,
    vary: Vary = None,
    design: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="grid, zip, latin_hypercube, sobol or table."),
    ] = None,
    points: Annotated[
        int | None, typer.Option(metavar="N", help="Points of a design that is drawn.")
    ] = None,
    table: Annotated[
        str | None, typer.Option(metavar="CSV", help="The points, a row each.")
    ] = None,
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    independent: Annotated[
        bool, typer.Option("--independent", help="Worlds of its own for each point.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what it would be and take, and write nothing.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with it, also with more worlds.")
    ] = False,
    shard: Annotated[
        str | None, typer.Option(metavar="K/N", help="Run the K-th of N parts only.")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="KIND", help="threads, processes or dask.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster.")
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-sweep") = None,
    figures: Figures = True,
):
    """Run a scenario at many points of its parameters."""
    from regimesim.scenario import prepare

    scenario = prepare(file, all_settings(settings, worlds, seed), policy or ())
    from regimesim.studies.sweep.compute import run_sweep, tell_plan
    from regimesim.sweeps.designs import read_design
    from regimesim.sweeps.make_executor import make_crew
    from regimesim.sweeps.request import refuse_set_and_varied

    crew = make_crew(executor, threads, scheduler)
    chosen = read_design(scenario, vary or (), design, points, table)
    refuse_set_and_varied(settings or (), chosen)
    what = {"independent": independent, "shard": shard}
    if dry_run:
        return tell_plan(scenario, chosen, threads=threads, out=out, resume=resume, **what)
    how = {"out": out, "resume": resume, "figures": figures, "command": sys.argv[1:]}
    return run_sweep(scenario, chosen, crew=crew, **what, **how)


def merge(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Of all shards of a sweep.")
    ],
    out: folder_else("outputs/<name>-sweep") = None,
    figures: Figures = True,
):
    """Make one sweep of its shards."""
    from regimesim.studies.sweep.merge import merge

    return merge(folders, out, figures, sys.argv[1:])


COMMANDS = (sweep, merge)
