"""Commands that run worlds, tell of them and draw them."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
    Policies,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    Worlds,
    all_settings,
    folder_else,
)


def run(
    file: ScenarioFile,
    worlds: Worlds = None,
    seed: Seed = None,
    policy: Policies = None,
    settings: Settings = None,
    threads: Threads = None,
    out: folder_else("outputs/<name>, or /<name>-rare with --rare") = None,
    figures: Annotated[
        bool | None,
        typer.Option(
            "--figures/--no-figures",
            help="Draw them: the default, but --rare has none.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ESTIMAND=H",
            help="Add worlds, N at most, until its interval is ± H; may be repeated.",
        ),
    ] = None,
    rare: Annotated[
        bool,
        typer.Option(
            "--rare", help="Ask how probable rare failures are, N worlds a policy at most."
        ),
    ] = False,
    relative_error: Annotated[
        float | None, typer.Option(metavar="E", help="With --rare: to be reached, else 0.1.")
    ] = None,
):
    """Run a scenario and write its results to a folder."""
    from regimesim.scenario import prepare

    if rare and precision:
        raise typer.BadParameter("--precision is for runs without --rare; use --relative-error")
    if rare and figures:
        raise typer.BadParameter("--rare draws no figures; leave out --figures")
    if relative_error is not None and not rare:
        raise typer.BadParameter("--relative-error is for --rare")
    scenario = prepare(file, all_settings(settings, worlds, seed), policy or ())
    if rare:
        from regimesim.studies.rare.question import run_rare

        how = {"out": out, "threads": threads, "command": sys.argv[1:]}
        run_rare(scenario, relative_error, room=worlds is None, **how)
        return
    from regimesim.studies.run.compute import run_scenario

    how = {"out": out, "threads": threads, "command": sys.argv[1:]}
    how["figures"] = figures is not False
    if precision:
        from regimesim.analysis.precision import read_targets, with_maximum_worlds

        how["targets"] = read_targets(precision)
        scenario = with_maximum_worlds(scenario) if worlds is None else scenario
    run_scenario(scenario, **how)


COMMANDS = (run,)
