"""The commands `regimesim sweep` and `regimesim merge`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from regimesim.studies.options import (
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
    known_keys,
)

FAILED = 1  # exit code where points could not be run

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
        int | None, typer.Option(metavar="N", help="Number of points of a drawn design.")
    ] = None,
    table: Annotated[
        str | None, typer.Option(metavar="CSV", help="A file with one point in each row.")
    ] = None,
    ignore: Annotated[
        str, typer.Option(metavar="NAME,...", help="Columns of that file that are not read.")
    ] = "",
    policy: Policies = None,
    worlds: Worlds = None,
    seed: Seed = None,
    settings: Settings = None,
    at: At = None,
    independent: Annotated[
        bool, typer.Option("--independent", help="Use different worlds at each point.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and its cost, and write nothing.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a sweep, also with more worlds.")
    ] = False,
    shard: Annotated[str | None, typer.Option(metavar="K/N", help="Run only part K of N.")] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="KIND", help="threads, processes or dask.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address of a Dask cluster.")
    ] = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>-sweep") = None,
    figures: Figures = True,
):
    """Run a scenario at many points of its parameters."""
    from regimesim.scenario import prepare
    from regimesim.studies.study import carry_out, folder_for
    from regimesim.studies.sweep.question import ask_command

    scenario = prepare(file, all_settings(settings, worlds, seed), policy or ())
    question = ask_command(
        scenario,
        vary or (),
        design,
        points,
        table,
        [name.strip() for name in ignore.split(",") if name.strip()],
        settings=settings or (),
        at=at,
        independent=independent,
        shard=shard,
        executor=executor,
        threads=threads,
        scheduler=scheduler,
        resume=resume,
    )
    if dry_run:
        from regimesim.studies.sweep.filling import words_of_plan

        print(words_of_plan(question, folder_for(out, question.folder)))
        return 0
    result = carry_out("sweep", question, out, sys.argv[1:], figures and not shard)
    return FAILED if result.failed else 0


def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER...", help="The folders of all shards of a sweep."),
    ],
    out: folder_else("outputs/<name>-sweep") = None,
    figures: Figures = True,
):
    """Merge all shards of a sweep."""
    from regimesim.studies.study import present
    from regimesim.studies.sweep.merge import merge

    result, target = merge(folders, out, sys.argv[1:])
    present("sweep", result, target, figures)
    return FAILED if result.failed else 0


COMMANDS = (sweep, merge)
