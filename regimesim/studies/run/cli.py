"""The command `regimesim run`, with `--rare`."""

import sys
from typing import Annotated

import typer

from regimesim.studies.options import (
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


def run(
    file: ScenarioFile,
    worlds: Worlds = None,
    seed: Seed = None,
    policy: Policies = None,
    settings: Settings = None,
    at: At = None,
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
    from regimesim.analysis.precision import read_targets, with_maximum_worlds
    from regimesim.ensemble.medians import at_place
    from regimesim.studies.rare import question as rare_question
    from regimesim.studies.run import question as run_question
    from regimesim.studies.study import carry_out

    targets = read_targets(precision or ())
    scenario = prepare(file, all_settings(settings, worlds, seed), policy or ())
    scenario = at_place(scenario, at)
    if worlds is None and (rare or targets):
        scenario = with_maximum_worlds(scenario)
    if rare:
        question = rare_question.ask(scenario, relative_error=relative_error, threads=threads)
    else:
        question = run_question.ask(scenario, targets=targets, threads=threads)
    carry_out("rare" if rare else "run", question, out, sys.argv[1:], figures is not False)


COMMANDS = (run,)
